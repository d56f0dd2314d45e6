import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createEngine } from '@acestream-orchestrator/engine-simulator';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel } from './serve.ts';
import { spawnServer } from './server-process.ts';

const run = promisify(execFile);
const key = 'key-of-the-tests';
const isRoot = process.getuid?.() === 0;
if (!isRoot && process.env['CI'])
  throw new Error('these tests mount a small disk, which takes root, and in CI they must run');

/** A disk of a megabyte or two. */
async function smallDisk(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Health {
  readonly storage: { readonly ok: boolean; readonly reason: string | null; readonly pending_events: number };
}

const asked = async <Body>(origin: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> => {
  const response = await fetch(origin + path, {
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
};
const storageOf = async (origin: string): Promise<Health['storage']> =>
  (await asked<Health>(origin, '/health/status')).body.storage;

describe.skipIf(!isRoot)('the disk of the data folder', () => {
  it('gets full under a player: it plays on, the state is told, nothing is changed, and it recovers', async () => {
    await using disk = await smallDisk();
    await using engine = await createEngine({ controlPort: false });
    await using server = await spawnServer({
      DATA_DIR: disk.folder,
      ENGINE_URLS: engine.url,
      API_KEY: key,
      LOG_LEVEL: 'info',
    });
    const { origin } = server;
    using player = new Player(`${origin}/ace/getstream?id=${channel(1)}`);
    await player.more();
    expect(await storageOf(origin)).toMatchObject({ ok: true });
    const filler = join(disk.folder, 'filler');
    await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch(() => {});
    // Whatever room is left in the database's own files is used up first.
    await eventually(async () => {
      const long = `https://${'x'.repeat(200)}.example`;
      const values = { cors_origins: Array.from({ length: 40 }, () => long), max_streams: 7 };
      const answer = await asked<{ error?: { code: string } }>(origin, '/settings', values);
      if (answer.status === 200) await asked(origin, '/settings', { cors_origins: null, max_streams: null });
      return answer.status === 503 && answer.body.error?.code === 'storage_unavailable';
    }, 30_000);
    expect(await storageOf(origin)).toMatchObject({ ok: false, reason: 'full' });
    expect((await asked<Record<string, unknown>>(origin, '/settings')).body).toMatchObject({ max_streams: 200 });
    await player.more(1_000_000);
    using another = new Player(`${origin}/ace/getstream?id=${channel(2)}`);
    await another.more();
    expect((await asked<unknown[]>(origin, '/events?category=storage_failed')).body).toHaveLength(1);
    await rm(filler);
    expect(await eventually(async () => (await storageOf(origin)).ok, 60_000)).toBe(true);
    expect((await asked(origin, '/settings', { max_streams: 7 })).status).toBe(200);
    await eventually(async () => (await storageOf(origin)).pending_events === 0, 10_000);
    await player.more();
    server.child.kill('SIGTERM');
    expect(await server.exited).toMatchObject({ exitCode: 0 });
  });

  it('is read-only from the start: the server plays, with the settings that were saved', async () => {
    await using disk = await smallDisk();
    await using engine = await createEngine({ controlPort: false });
    const env = { DATA_DIR: disk.folder, ENGINE_URLS: engine.url, API_KEY: key, LOG_LEVEL: 'info' };
    {
      await using first = await spawnServer(env);
      expect((await asked(first.origin, '/settings', { max_streams: 7 })).status).toBe(200);
      first.child.kill('SIGTERM');
      await first.exited;
    }
    await run('mount', ['-o', 'remount,ro', disk.folder]);
    await using server = await spawnServer(env);
    expect(await storageOf(server.origin)).toMatchObject({ ok: false });
    expect((await asked(server.origin, '/settings')).body).toMatchObject({ max_streams: 7 });
    using player = new Player(`${server.origin}/ace/getstream?id=${channel(1)}`);
    await player.more();
    await run('mount', ['-o', 'remount,rw', disk.folder]);
    expect((await asked(server.origin, '/settings', { max_streams: 8 })).status).toBe(200);
    expect(await storageOf(server.origin)).toMatchObject({ ok: true });
  });
});
