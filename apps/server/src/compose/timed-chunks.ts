/** Passes chunks on and tells how long each read took, from asking to having it. */
export function timedChunks(
  chunks: AsyncIterable<Uint8Array>,
  read: (durationMs: number, ok: boolean) => void,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const source = chunks[Symbol.asyncIterator]();
      return {
        async next() {
          const startMs = performance.now();
          try {
            const result = await source.next();
            read(performance.now() - startMs, true);
            return result;
          } catch (error) {
            read(performance.now() - startMs, false);
            throw error;
          }
        },
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
