import type { RuntimeEvent } from '../runtime/engine-runtime.ts';
import { containerEvents, type EventContainer, followedActions } from './container-events.ts';
import { instanceLabel } from './container-labels.ts';
import type { DockerClient } from './docker-client.ts';
import type { StartTimes } from './start-times.ts';

export interface EventFeedOptions {
  readonly client: DockerClient;
  readonly startTimes: StartTimes;
  readonly instance: string;
  /** A container of others whose changes matter as well, by name or id. */
  readonly sharedName: () => string | undefined;
}

/** The daemon's events about containers of the instance, and about the one whose network they share. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #wakers = new Set<() => void>();

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Whoever follows lists again. */
  wake(): void {
    for (const waker of this.#wakers) waker();
  }

  /** Begins with an event without an engine, since what happened before the stream was open is not known. */
  async *open(signal: AbortSignal): AsyncGenerator<RuntimeEvent, void, undefined> {
    const { client, startTimes } = this.#options;
    const filters = { type: ['container' as const], event: [...followedActions] };
    const stream = await client.stream(
      'follow the events',
      (docker, abortSignal) => docker.getEvents({ filters, abortSignal }),
      { signal },
    );
    const source = containerEvents(stream, (container) => this.#whose(container));
    startTimes.setFollowed(true);
    const own = new Pushed(this.#wakers);
    try {
      yield { type: 'changed', engineId: '' };
      yield* own.merge(source, (event) => startTimes.forget(event.engineId));
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      own.end();
      startTimes.setFollowed(false);
      stream.destroy();
    }
  }

  #whose({ id, attributes }: EventContainer): 'ours' | 'shared' | undefined {
    const { instance, sharedName } = this.#options;
    if (attributes[instanceLabel] === instance) return 'ours';
    const shared = sharedName();
    return shared !== undefined && (attributes['name'] === shared || id.startsWith(shared)) ? 'shared' : undefined;
  }
}

/** Lets events of our own in between those of the daemon. */
class Pushed {
  readonly #wakers: Set<() => void>;
  #pending = false;
  #notify: () => void = () => {};
  readonly #wake = (): void => {
    this.#pending = true;
    this.#notify();
  };

  constructor(wakers: Set<() => void>) {
    this.#wakers = wakers;
    wakers.add(this.#wake);
  }

  async *merge(
    source: AsyncIterator<RuntimeEvent, void>,
    onEvent: (event: RuntimeEvent) => void,
  ): AsyncGenerator<RuntimeEvent, void, undefined> {
    let next = source.next();
    for (;;) {
      const pushed = new Promise<'pushed'>((resolve) => {
        this.#notify = () => resolve('pushed');
        if (this.#pending) resolve('pushed');
      });
      const result = await Promise.race([next, pushed]);
      if (result === 'pushed') {
        this.#pending = false;
        yield { type: 'changed', engineId: '' };
        continue;
      }
      if (result.done) return;
      onEvent(result.value);
      yield result.value;
      next = source.next();
    }
  }

  end(): void {
    this.#wakers.delete(this.#wake);
  }
}
