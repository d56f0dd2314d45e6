import type { CloseReason, Source } from '../contract.ts';

export interface FakeSource extends Source {
  readonly id: string;
  /** Sends bytes. */
  push(bytes: Uint8Array): void;
  /** Ends the body cleanly. */
  end(): void;
  /** Breaks the body off. */
  fail(error: unknown): void;
  /** What `close` was called with, in order: more than one entry is a fault of the proxy. */
  readonly closedWith: readonly CloseReason[];
  /** Chunks that have been pushed and not yet taken. */
  readonly backlog: number;
}

/** A source whose bytes, end and failure are the test's to decide. */
export function fakeSource(id: string): FakeSource {
  const queue: Uint8Array[] = [];
  const closedWith: CloseReason[] = [];
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    wake?.();
    wake = undefined;
  };
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (failure !== undefined) throw failure.error;
      else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    id,
    chunks: chunks(),
    closedWith,
    get backlog() {
      return queue.length;
    },
    push(bytes) {
      queue.push(bytes);
      notify();
    },
    end() {
      ended = true;
      notify();
    },
    fail(error) {
      failure = { error };
      notify();
    },
    async close(reason) {
      closedWith.push(reason);
      ended = true;
      notify();
    },
  };
}
