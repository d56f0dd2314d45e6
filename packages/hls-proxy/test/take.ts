import { setTimeout as delay } from 'node:timers/promises';
import type { Segment, SegmentSource } from '../src/index.ts';

/** What became of a segment. */
export interface Taken {
  readonly segment: Segment;
  /** Its bytes as text; undefined when it was lost. */
  readonly text: string | undefined;
}

/** Takes segments of a source in the background. */
export interface Taking {
  readonly taken: readonly Taken[];
  /** Resolves when so many have been taken. */
  reach(count: number): Promise<readonly Taken[]>;
  /** Resolves with how the source ended: undefined when it was over, else what it threw. */
  readonly ended: Promise<unknown>;
}

export function take(source: SegmentSource): Taking {
  const taken: Taken[] = [];
  const ended = (async () => {
    for await (const segment of source) {
      const chunks: Uint8Array[] = [];
      for await (const { data } of segment.parts) chunks.push(...data);
      const isLost = await segment.done.then(
        () => false,
        () => true,
      );
      taken.push({ segment, text: isLost ? undefined : Buffer.concat(chunks).toString() });
    }
    return undefined;
  })().catch((error: unknown) => error);
  return {
    taken,
    ended,
    async reach(count) {
      await until(() => taken.length >= count, `${count} segments`);
      return taken;
    },
  };
}

/** Waits for something that real sockets bring. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come`);
    await delay(2);
  }
}
