import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type P2pSnapshot, P2pStats } from './p2p-stats.ts';

const snapshot = (at: number, downloadedBytes: number): P2pSnapshot => ({
  at,
  status: 'dl',
  peers: 3,
  speedDownKBps: 200,
  speedUpKBps: 20,
  downloadedBytes,
  uploadedBytes: downloadedBytes / 10,
});

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function statsOf(
  active: string[],
  read: (id: string) => Promise<P2pSnapshot>,
  options: { historyLength?: number } = {},
) {
  return new P2pStats<string>({ id: (id) => id, active: () => active, read, ...options });
}

describe('P2pStats', () => {
  it('asks no engine while nobody looks', async () => {
    const read = vi.fn(async () => snapshot(1, 0));
    statsOf(['a'], read);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).not.toHaveBeenCalled();
  });

  it('reads once a second while somebody looks, and stops a while after', async () => {
    const read = vi.fn(async () => snapshot(1, 0));
    const stats = statsOf(['a'], read);
    stats.watch();
    stats.watch();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(read).toHaveBeenCalledTimes(6);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read.mock.calls.length).toBeLessThan(13);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reads once for somebody who does not come back soon', async () => {
    const read = vi.fn(async () => snapshot(1, 0));
    const stats = statsOf(['a'], read);
    stats.watch(0);
    stats.watch(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('answers at once with what was read last, while an engine hangs', async () => {
    let hang = false;
    const stats = statsOf(['a'], () => (hang ? new Promise(() => {}) : Promise.resolve(snapshot(1, 10))));
    stats.watch();
    await vi.advanceTimersByTimeAsync(0);
    hang = true;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(stats.latest('a')).toEqual(snapshot(1, 10));
  });

  it('keeps the last snapshot when an engine fails', async () => {
    const answers = [snapshot(1, 10), undefined, snapshot(9, 90)];
    const stats = statsOf(['a'], async () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error('gone');
      return answer;
    });
    stats.watch();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stats.latest('a')).toEqual(snapshot(1, 10));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stats.latest('a')).toEqual(snapshot(9, 90));
  });

  it('keeps a bounded history and drops it when told', async () => {
    let at = 0;
    const stats = statsOf(['a'], async () => snapshot(++at, at), { historyLength: 3 });
    stats.watch();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(stats.history('a').map((each) => each.at)).toEqual([4, 5, 6]);
    expect(stats.history('a', 6).map((each) => each.at)).toEqual([6]);
    stats.forget('a');
    expect(stats.history('a')).toEqual([]);
  });

  it('adds up bytes over sessions whose counters start at zero again', async () => {
    const counters = [100, 150, 30, 50];
    const stats = statsOf(['a'], async () => snapshot(1, counters.shift() ?? 50));
    stats.watch();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(stats.totals()).toEqual({ downloadedBytes: 200, uploadedBytes: 20 });
  });

  it('stops reading, and aborts what it reads, when closed', async () => {
    let signal: AbortSignal | undefined;
    const stats = new P2pStats<string>({
      id: (id) => id,
      active: () => ['a'],
      read: (_id, given) => {
        signal = given;
        return new Promise(() => {});
      },
    });
    stats.watch();
    stats.close();
    expect(signal?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    stats.watch();
    expect(vi.getTimerCount()).toBe(0);
  });
});
