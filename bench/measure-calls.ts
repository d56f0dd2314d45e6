/** What one call costs. */
export interface CallCost {
  readonly medianNs: number;
  readonly bestNs: number;
  /** Heap bytes that a call leaves behind. */
  readonly allocatedBytes: number;
}

const ROUNDS = 9;

/**
 * Calls a function in rounds and takes the median, which a garbage collection or a neighbour in one of them does not
 * move.
 *
 * @param run called with 0, 1, 2 … in each round
 */
export function measureCalls(callsPerRound: number, run: (index: number) => void): CallCost {
  const nanoseconds: number[] = [];
  let allocatedBytes = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now();
    for (let index = 0; index < callsPerRound; index++) run(index);
    nanoseconds.push(((performance.now() - startedMs) / callsPerRound) * 1e6);
    const sampled = Math.ceil(callsPerRound / 100);
    const heapBytes = process.memoryUsage().heapUsed;
    for (let index = 0; index < sampled; index++) run(index);
    const grownBytes = process.memoryUsage().heapUsed - heapBytes;
    // Where the heap shrank, the garbage collector ran in between.
    if (grownBytes >= 0) allocatedBytes = Math.min(allocatedBytes, grownBytes / sampled);
  }
  nanoseconds.sort((a, b) => a - b);
  return { medianNs: nanoseconds[ROUNDS >> 1]!, bestNs: nanoseconds[0]!, allocatedBytes };
}
