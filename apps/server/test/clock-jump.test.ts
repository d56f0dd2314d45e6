import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '@acestream-orchestrator/engine-simulator';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel } from './serve.ts';
import { spawnServer } from './server-process.ts';

/** Sets the wall clock of the server's process a day forward, then a year back. */
const trap = `
const now = Date.now;
const jumps = [86_400_000, -31_536_000_000];
process.on('SIGUSR2', () => {
  const jump = jumps.shift();
  Date.now = () => now() + jump;
});`;

it('a clock that jumps, in either direction, ends no stream, starts no recovery and stops no timer', async () => {
  await using engine = await createEngine({ controlPort: false, startDelayMs: 30 });
  const path = join(await mkdtemp(join(tmpdir(), 'trap-')), 'trap.mjs');
  await writeFile(path, trap);
  const env = { ENGINE_URLS: engine.url, LINGER_MS: '300', ENGINE_PROBE_INTERVAL_MS: '200', SOURCE_STALL_MS: '2000' };
  await using server = await spawnServer(env, ['--import', path]);
  const streams = async (): Promise<Record<string, unknown>[]> =>
    (await (await fetch(`${server.origin}/streams`)).json()) as Record<string, unknown>[];
  const player = new Player(`${server.origin}/ace/getstream?id=${channel(1)}`);
  await player.more();
  for (let jump = 0; jump < 2; jump++) {
    server.child.kill('SIGUSR2');
    await player.more(500_000, 15_000);
    const [stream] = await streams();
    expect(stream).toMatchObject({ state: 'live', recoveries: 0, sources: 1, clients: 1 });
  }
  const engines = (await (await fetch(`${server.origin}/engines`)).json()) as Record<string, unknown>[];
  expect(engines).toMatchObject([{ health_status: 'healthy', ready: true }]);
  player.leave();
  await eventually(() => engine.state().downloads.length === 0);
});
