import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatedEngine } from '@acestream-orchestrator/engine-simulator';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { HlsViewer } from './hls-viewer.ts';
import { channel, serve } from './serve.ts';

const count = (engine: SimulatedEngine, what: 'starts' | 'stops'): number =>
  Object.values(engine.state().contents).reduce((sum, counts) => sum + counts[what], 0);

/** Whoever waits outlasts a viewer that has fallen silent. */
const patience = { startTimeoutMs: 120_000, hlsFirstPlaylistMs: 120_000 };

it.concurrent("when the last viewer of an engine's HLS stops polling, the engine is told once and its place is free", async () => {
  await using test = await serve({ config: { hlsSource: 'engine', lingerMs: 500 } });
  const [engine] = test.engines;
  const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
  await viewer.until(2);
  await viewer.poll();
  const targetMs = Number(/TARGETDURATION:(\d+)/.exec(viewer.playlist)![1]) * 1_000;
  const lastMs = performance.now();
  await eventually(() => count(engine!, 'stops') === 1, 90_000);
  // Three target durations and ten seconds: a player that pauses for less keeps its place.
  expect(performance.now() - lastMs).toBeGreaterThan(3 * targetMs + 10_000);
  await eventually(() => test.services.engines.list()[0]!.leases === 0);
  await delay(500);
  expect([count(engine!, 'starts'), count(engine!, 'stops')]).toEqual([1, 1]);
  expect(test.services.streams.active()).toHaveLength(0);
  expect(test.logs.filter(({ msg }) => msg === 'stream ended')).toHaveLength(1);
}, 120_000);

it.concurrent('when the last viewer has been silent for too long, its place goes to whoever waits for it already', async () => {
  await using test = await serve({
    config: { hlsSource: 'engine', ...patience, lingerMs: 300_000, streamsPerEngine: 1 },
  });
  const [engine] = test.engines;
  await new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`).until(1);
  const waiting = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(2)}`);
  await waiting.until(1, 90_000);
  expect([count(engine!, 'starts'), count(engine!, 'stops')]).toEqual([2, 1]);
}, 120_000);

it.concurrent('when the last viewer stops polling while its stream is moved, both engines are told once and are free', async () => {
  await using test = await serve({ engines: 2, config: { hlsSource: 'engine', ...patience, lingerMs: 500 } });
  await new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`).until(2);
  const { streamKey } = test.services.streams.active()[0]!;
  const other = test.engines.find((engine) => count(engine, 'starts') === 0)!;
  other.faults.set('playback-hangs');
  const moved = test.services.sessions.move(streamKey);
  await eventually(() => count(other, 'starts') === 1);
  await eventually(() => test.engines.every((engine) => count(engine, 'stops') === 1), 90_000);
  expect(await moved).toBeUndefined();
  await eventually(() => test.services.engines.list().every(({ leases }) => leases === 0));
  await eventually(() => test.services.streams.active().length === 0);
  expect(test.engines.map((engine) => count(engine, 'starts'))).toEqual([1, 1]);
}, 120_000);

it.concurrent('a stream that only lingers ends when its engine is emptied, and does not move', async () => {
  await using test = await serve({ engines: 2, config: { hlsSource: 'engine', lingerMs: 600_000 } });
  await new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`).until(2);
  const { streamKey, engine } = test.services.streams.active()[0]!;
  await eventually(() => test.services.hls.of(streamKey)[0]?.lingering === true, 90_000);
  test.services.engines.drain(engine.id);
  await eventually(() => test.services.engines.list().every(({ leases }) => leases === 0));
  expect(test.engines.reduce((sum, each) => sum + count(each, 'starts'), 0)).toBe(1);
}, 120_000);
