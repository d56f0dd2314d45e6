import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { HlsViewer } from './hls-viewer.ts';
import { channel, serve } from './serve.ts';

it('when all viewers stop polling, the engine is told once and the stream ends once', async () => {
  await using test = await serve({
    engines: [{ burstMs: 20_000 }],
    config: { hlsTargetDurationSeconds: 2, lingerMs: 500 },
  });
  const count = (what: 'starts' | 'stops'): number =>
    Object.values(test.engines[0]!.state().contents).reduce((sum, counts) => sum + counts[what], 0);
  const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
  await viewer.until(2);
  // Three target durations and ten seconds: a player that pauses for less keeps its place.
  await delay(8_000);
  await viewer.poll();
  expect(count('stops')).toBe(0);
  const lastMs = performance.now();
  await eventually(() => count('stops') === 1, 40_000);
  expect(performance.now() - lastMs).toBeGreaterThan(14_000);
  await delay(500);
  expect([count('starts'), count('stops')]).toEqual([1, 1]);
  expect(test.logs.filter(({ msg }) => msg === 'stream ended')).toHaveLength(1);
}, 60_000);
