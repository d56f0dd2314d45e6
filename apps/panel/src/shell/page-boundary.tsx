import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { problemText } from '../api/api-problem.ts';
import { liveStore } from '../live/live-store.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/state-views.tsx';

interface Props {
  /** Another one is another try. */
  readonly location: string;
  readonly children: ReactNode;
}

interface State {
  readonly error: unknown;
}

/**
 * Keeps what surrounds a page when the page itself fails: its code could not be loaded, because the server is away or of
 * another version by now, or it has a fault. Loaded anew as soon as the server is back.
 */
export class PageBoundary extends Component<Props, State> {
  override state: State = { error: undefined };
  #unsubscribe: (() => void) | undefined;

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override componentDidUpdate(before: Props): void {
    if (before.location !== this.props.location && this.state.error !== undefined) {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
      this.setState({ error: undefined });
      return;
    }
    if (this.state.error === undefined || this.#unsubscribe !== undefined) return;
    let wasAway = liveStore.get().connection.kind === 'lost';
    this.#unsubscribe = liveStore.subscribe(() => {
      const { kind } = liveStore.get().connection;
      if (wasAway && kind === 'live') location.reload();
      wasAway ||= kind === 'lost';
    });
  }

  override componentWillUnmount(): void {
    this.#unsubscribe?.();
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div role="alert" className="card">
        <Empty
          icon={TriangleAlert}
          title="This page could not be shown"
          action={
            <Button variant="primary" onClick={() => location.reload()}>
              Load it anew
            </Button>
          }
        >
          The server may be away, or of another version by now. ({problemText(error)})
        </Empty>
      </div>
    );
  }
}
