import { mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '@acestream-orchestrator/engine-simulator';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, serve } from './serve.ts';
import { spawnServer } from './server-process.ts';

const url = (origin: string, digit: number): string => `${origin}/ace/getstream?id=${channel(digit)}`;

describe('SIGTERM', () => {
  it('with 500 players: takes no more, ends them all, stops every engine session, and exits within a second', async () => {
    await using one = await createEngine({ controlPort: false, startDelayMs: 30 });
    await using two = await createEngine({ controlPort: false, startDelayMs: 30 });
    await using server = await spawnServer({ ENGINE_URLS: `${one.url},${two.url}`, JOIN_BEHIND_MS: '1000' });
    const players = Array.from({ length: 500 }, (_, index) => new Player(url(server.origin, 8 + (index % 2))));
    await Promise.all(players.map((player) => player.more(188, 15_000)));
    expect(one.state().downloads.length + two.state().downloads.length).toBe(2);

    const signalledMs = performance.now();
    server.child.kill('SIGTERM');
    await eventually(() => refuses(server.origin));
    const { exitCode, atMs } = await server.exited;
    expect(exitCode).toBe(0);
    expect(atMs - signalledMs).toBeLessThan(1_000);
    await Promise.all(players.map((player) => player.ended));
    for (const engine of [one, two]) {
      expect(engine.state().downloads).toEqual([]);
      const stops = Object.values(engine.state().contents).map((counts) => counts.stops + counts.lateStops);
      expect(stops).toEqual(stops.map(() => 1));
    }
  }, 60_000);

  it('while an engine hangs: exits at its deadline all the same', async () => {
    await using engine = await createEngine({ controlPort: false, startDelayMs: 30, faults: { 'stop-hangs': {} } });
    await using server = await spawnServer({ ENGINE_URLS: engine.url });
    using player = new Player(url(server.origin, 8));
    await player.more(188);
    const signalledMs = performance.now();
    server.child.kill('SIGTERM');
    const { exitCode, atMs } = await server.exited;
    expect(exitCode).toBe(0);
    expect(atMs - signalledMs).toBeLessThan(3_000);
  });

  it('twice: the second one exits at once', async () => {
    await using engine = await createEngine({ controlPort: false, startDelayMs: 30, faults: { 'stop-hangs': {} } });
    await using server = await spawnServer({ ENGINE_URLS: engine.url });
    using player = new Player(url(server.origin, 8));
    await player.more(188);
    server.child.kill('SIGTERM');
    await eventually(() => server.output().includes('shutting down'));
    const secondMs = performance.now();
    server.child.kill('SIGTERM');
    const { exitCode, atMs } = await server.exited;
    expect(exitCode).toBe(1);
    expect(atMs - secondMs).toBeLessThan(400);
  });
});

it('an unhandled rejection is logged and counted, everything is drained, and the exit code is 1', async () => {
  await using engine = await createEngine({ controlPort: false, startDelayMs: 30 });
  const trap = join(await mkdtemp(join(tmpdir(), 'trap-')), 'trap.mjs');
  await writeFile(trap, `process.on('SIGUSR2', () => { void Promise.reject(new Error('trapped')); });`);
  await using server = await spawnServer({ ENGINE_URLS: engine.url }, ['--import', trap]);
  using player = new Player(url(server.origin, 8));
  await player.more(188);
  server.child.kill('SIGUSR2');
  expect((await server.exited).exitCode).toBe(1);
  expect(server.output()).toContain('trapped');
  await player.ended;
  expect(engine.state().downloads).toEqual([]);
  await using next = await spawnServer({ ENGINE_URLS: engine.url, DATA_DIR: server.dataDir });
  const events = await (await fetch(`${next.origin}/events?category=unhandled_error`)).json();
  expect(events).toMatchObject([{ event_type: 'system', message: 'unhandledRejection: Error: trapped' }]);
});

it('close() leaves no session, no socket and no timer behind, and may be called twice', async () => {
  const test = await serve({ engines: 2 });
  using player = new Player(url(test.origin, 1));
  await player.more();
  await test.get('/streams');
  await Promise.all([test.server.close(), test.server.close()]);
  await player.ended;
  expect(await refuses(test.origin)).toBe(true);
  expect(test.engines.flatMap((engine) => engine.state().downloads)).toEqual([]);
  await test[Symbol.asyncDispose]();
});

function refuses(origin: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
