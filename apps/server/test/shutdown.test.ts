import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createEngine } from '@acestream-orchestrator/engine-simulator';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, serve } from './serve.ts';
import { spawnServer } from './server-process.ts';

const url = (origin: string, digit: number): string => `${origin}/ace/getstream?id=${channel(digit)}`;

describe('SIGTERM', () => {
  it('with 500 players: takes no more, ends them all, stops every engine session, and exits long before its deadline', async () => {
    await using one = await createEngine({ controlPort: false, startDelayMs: 30 });
    await using two = await createEngine({ controlPort: false, startDelayMs: 30 });
    const env = { JOIN_BEHIND_MS: '1000', SHUTDOWN_TIMEOUT_MS: '30000' };
    await using server = await spawnServer({ ENGINE_URLS: `${one.url},${two.url}`, ...env });
    const players = Array.from({ length: 500 }, (_, index) => new Player(url(server.origin, 8 + (index % 2))));
    await Promise.all(players.map((player) => player.more(188, 15_000)));
    expect(one.state().downloads.length + two.state().downloads.length).toBe(2);

    const signalledMs = performance.now();
    server.child.kill('SIGTERM');
    await eventually(() => refuses(server.origin));
    const { exitCode, atMs } = await server.exited;
    expect(exitCode).toBe(0);
    expect(atMs - signalledMs).toBeLessThan(10_000);
    await Promise.all(players.map((player) => player.ended));
    for (const engine of [one, two]) {
      expect(engine.state().downloads).toEqual([]);
      const stops = Object.values(engine.state().contents).map((counts) => counts.stops + counts.lateStops);
      expect(stops).toEqual(stops.map(() => 1));
    }
  }, 60_000);

  it('while an engine hangs: exits at its deadline all the same', async () => {
    await using engine = await createEngine({ controlPort: false, startDelayMs: 30, faults: { 'stop-hangs': {} } });
    await using server = await spawnServer({ ENGINE_URLS: engine.url, ENGINE_STOP_TIMEOUT_MS: '60000' });
    using player = new Player(url(server.origin, 8));
    await player.more(188);
    const signalledMs = performance.now();
    server.child.kill('SIGTERM');
    const { exitCode, atMs } = await server.exited;
    expect(exitCode).toBe(0);
    expect(atMs - signalledMs).toBeLessThan(15_000);
  });

  it('twice: the second one exits at once', async () => {
    await using engine = await createEngine({ controlPort: false, startDelayMs: 30, faults: { 'stop-hangs': {} } });
    const env = { SHUTDOWN_TIMEOUT_MS: '60000', ENGINE_STOP_TIMEOUT_MS: '60000' };
    await using server = await spawnServer({ ENGINE_URLS: engine.url, ...env });
    using player = new Player(url(server.origin, 8));
    await player.more(188);
    server.child.kill('SIGTERM');
    await eventually(() => server.output().includes('shutting down'));
    server.child.kill('SIGTERM');
    expect((await server.exited).exitCode).toBe(1);
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

/** The server's side of the next connection that a server of this process accepts on a port. */
function nextConnectionOf(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const accept = (message: unknown): void => {
      const { socket } = message as { socket: Socket };
      if (socket.localPort !== port) return;
      unsubscribe('net.server.socket', accept);
      resolve(socket);
    };
    subscribe('net.server.socket', accept);
  });
}

it('/readyz says no while streams are being ended', async () => {
  const test = await serve({ engines: [{ faults: { 'stop-hangs': {} } }], env: { ENGINE_STOP_TIMEOUT_MS: '1500' } });
  using player = new Player(url(test.origin, 1));
  await player.more();
  expect((await test.get('/readyz', {})).status).toBe(200);
  // A connection on which a request has begun stays open for its answer.
  const port = Number(new URL(test.origin).port);
  const accepted = nextConnectionOf(port);
  const socket = connect(port, '127.0.0.1');
  const answered = text(socket);
  socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n');
  const { bytesWritten } = socket;
  const connection = await accepted;
  await eventually(() => connection.bytesRead === bytesWritten);
  const closing = test.server.close();
  await eventually(() => refuses(test.origin));
  socket.write('\r\n');
  const answer = await answered;
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toContain('"shutting_down"');
  await closing;
  await test[Symbol.asyncDispose]();
}, 30_000);

it('with ENGINES_ON_EXIT=remove: waits for engines that take longer to go than streams may', async () => {
  const program = `
    import { stopOnSignal, exitTimeoutMs } from '../src/stop-on-signal.ts';
    import { serve } from './serve.ts';
    import { simulatorRuntime } from './simulator-runtime.ts';
    const runtime = simulatorRuntime();
    const remove = runtime.remove;
    runtime.remove = async (id, options) => {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await remove(id, options);
    };
    const { server, services } = await serve({ runtime, env: { ENGINES_ON_EXIT: 'remove', MIN_FREE_REPLICAS: '0' } });
    while (!services.engines.list().some(({ ready }) => ready)) await new Promise((resolve) => services.changes.listen(resolve));
    stopOnSignal({
      log: { info() {}, error: console.error, fatal: console.error },
      timeoutMs: () => exitTimeoutMs(services.config, services.engines.managed),
      onFault() {},
      async close() {
        await server.close();
        console.log('left', runtime.running.size);
      },
    });
    console.log('ready', runtime.running.size);
  `;
  const args = [
    '--conditions=@acestream-orchestrator/source',
    '--no-warnings',
    '--input-type=module',
    '--eval',
    program,
  ];
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const exited = once(child, 'exit');
  expect(await text(child.stdout)).toBe('ready 1\nleft 0\n');
  expect(await exited).toEqual([0, null]);
}, 60_000);

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
