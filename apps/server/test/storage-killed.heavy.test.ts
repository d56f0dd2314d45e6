import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createLog } from '../src/log.ts';
import { openStorage } from '../src/storage/open-storage.ts';

const writer = fileURLToPath(new URL('./storage-writer.ts', import.meta.url));
const times = Number(process.env['STORAGE_KILLS'] ?? 20);

/** Has the writer at it for a while and kills it. Returns the last settings and the last event it knew to be written. */
async function writeAndDie(
  folder: string,
  from: number,
  afterMs: number,
): Promise<{ settings: number; event: number }> {
  const child = spawn(process.execPath, ['--conditions=@acestream-orchestrator/source', writer, folder, `${from}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const { promise: began, resolve } = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
    if (output.includes('settings ') && output.includes('events ')) resolve();
  });
  const closed = new Promise((done) => child.once('close', done));
  await Promise.race([began, closed]);
  await delay(afterMs);
  child.kill('SIGKILL');
  await closed;
  const last = (name: string): number =>
    Number(
      output
        .match(new RegExp(`^${name} (\\d+)$`, 'gm'))
        ?.at(-1)
        ?.split(' ')[1],
    );
  return { settings: last('settings'), event: last('events') };
}

it(`a server killed ${times} times while it writes: settings are old or new and never mixed, at most the last batch of events is missing`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'killed-'));
  try {
    let from = 1;
    for (let round = 0; round < times; round++) {
      const told = await writeAndDie(folder, from, (round * 37) % 150);
      const storage = await openStorage(folder, createLog('silent'));
      try {
        expect(storage.state()).toMatchObject({ ok: true, message: undefined });
        const settings = storage.document('settings') as { one: number; other: number };
        const beside = storage.document('beside') as { number: number };
        expect(settings.other).toBe(settings.one);
        expect(beside.number).toBe(settings.one);
        // What was told is there; at most the write that was under way is, too.
        expect([told.settings, told.settings + 1]).toContain(settings.one);
        expect([told.event, told.event + 50]).toContain(storage.lastEventId);
        expect((await storage.eventCounts()).total).toBe(storage.lastEventId);
        from = settings.one + 1;
      } finally {
        await storage.close();
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
