/** Adding up what all sessions hold is not free, and the answer changes slowly. */
const keptMs = 500;

/** A figure that is asked for often and read at most twice a second. */
export function outsideMemory(read: () => number): () => number {
  let bytes = 0;
  let readMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = performance.now();
    if (nowMs - readMs >= keptMs) {
      readMs = nowMs;
      bytes = read();
    }
    return bytes;
  };
}
