import { describe, expect, it } from 'vitest';
import { History, type StreamSample } from './history.ts';

function history(retentionMs: number) {
  let now = 0;
  let value = 0;
  let streams = new Map<string, StreamSample>();
  const it = new History({
    series: { a: { unit: '1', text: 'a' }, b: { unit: '1', text: 'b' } },
    sample: () => ({ a: value, b: Number.NaN }),
    streams: () => streams,
    intervalMs: 1_000,
    retentionMs,
    streamRetentionMs: 3_000,
    now: () => now,
  });
  return {
    history: it,
    take(next: number, running: Record<string, StreamSample> = {}) {
      now += 1_000;
      value = next;
      streams = new Map(Object.entries(running));
      it.take();
    },
  };
}

describe('History', () => {
  it('answers the last of each series, oldest first, null where nothing is known', () => {
    const { history: figures, take } = history(10_000);
    for (const value of [1, 2, 3]) take(value);
    expect(figures.read(['a', 'b'], 2_000)).toEqual({
      stepMs: 1_000,
      at: [2_000, 3_000],
      values: { a: [2, 3], b: [null, null] },
    });
    figures.close();
  });

  it('forgets what is older than it keeps', () => {
    const { history: figures, take } = history(4_000);
    for (let value = 1; value <= 11; value++) take(value);
    expect(figures.read(['a'], 1e9).values).toEqual({ a: [8, 9, 10, 11] });
    figures.close();
  });

  it('averages when there is more than can be looked at, and loses nothing', () => {
    const { history: figures, take } = history(10_000_000);
    for (let value = 0; value < 2_000; value++) take(value);
    const { stepMs, values, at } = figures.read(['a'], 1e9);
    expect(stepMs).toBe(3_000);
    expect(values['a']).toHaveLength(667);
    expect(values['a']!.at(-1)).toBe(1_998);
    expect(values['a']![0]).toBe(0.5);
    expect(at.at(-1)).toBe(2_000_000);
    figures.close();
  });

  it('keeps the figures of streams while they run, and so many of each', () => {
    const { history: figures, take } = history(10_000);
    for (let value = 1; value <= 5; value++) take(0, { s: { bitrate: value, peers: Number.NaN, clients: 1 } });
    expect(figures.readStream('s', 1e9).values).toEqual({
      bitrate: [3, 4, 5],
      peers: [null, null, null],
      clients: [1, 1, 1],
    });
    take(0);
    expect(figures.readStream('s', 1e9)).toMatchObject({ at: [], values: { bitrate: [] } });
    figures.close();
  });
});
