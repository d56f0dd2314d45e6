import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../log.ts';
import { startDatabaseThread } from './database-thread.ts';
import { migrations } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import type { EventEntry } from './rows.ts';
import { Storage } from './storage.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
  path = join(folder, 'data', 'orchestrator.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const opened = async (): Promise<Storage & AsyncDisposable> => {
  const storage = await Storage.open({ thread: startDatabaseThread(path), log: createLog('silent') });
  return Object.assign(storage, { [Symbol.asyncDispose]: () => storage.close() });
};

const entry = (id: number, at = id): EventEntry => ({
  id,
  at,
  type: id % 2 === 0 ? 'engine' : 'stream',
  category: 'started',
  message: `event ${id}`,
  details: { id },
  containerId: id % 2 === 0 ? 'engine-1' : null,
  streamId: null,
});

const keepAll = { maxRows: 1_000, maxAgeMs: Date.now() * 2 };

describe('Storage', () => {
  it('finds documents and events again after a restart', async () => {
    {
      await using storage = await opened();
      await storage.saveDocuments({ settings: { LINGER_MS: '0' } });
      await storage.appendEvents([entry(1), entry(2)], keepAll);
    }
    await using storage = await opened();
    expect(storage.document('settings')).toEqual({ LINGER_MS: '0' });
    expect(storage.lastEventId).toBe(2);
    expect(await storage.events({}, 10, 0)).toEqual([entry(2), entry(1)]);
    expect(storage.state()).toMatchObject({ ok: true, message: undefined });
  });

  it('filters events, pages through them and counts them', async () => {
    await using storage = await opened();
    await storage.appendEvents(
      Array.from({ length: 20 }, (_, index) => entry(index + 1)),
      keepAll,
    );
    const ids = async (...query: Parameters<Storage['events']>) => (await storage.events(...query)).map(({ id }) => id);
    expect(await ids({ type: 'engine' }, 3, 1)).toEqual([18, 16, 14]);
    expect(await ids({ containerId: 'engine-1', since: 17 }, 10, 0)).toEqual([20, 18]);
    expect(await ids({ category: 'ended' }, 10, 0)).toEqual([]);
    expect(await storage.eventCounts()).toEqual({
      total: 20,
      byType: { engine: 10, stream: 10 },
      oldestAt: 1,
      newestAt: 20,
    });
    expect(await storage.deleteEvents(11)).toBe(10);
    expect(await ids({}, 100, 0)).toHaveLength(10);
  });

  it('keeps no more and no older events than it is told to', async () => {
    await using storage = await opened();
    const now = Date.now();
    const entries = Array.from({ length: 30 }, (_, index) => entry(index + 1, now - (30 - index) * 1_000));
    await storage.appendEvents(entries, { maxRows: 10, maxAgeMs: 86_400_000 });
    expect((await storage.events({}, 100, 0)).map(({ id }) => id)).toEqual([30, 29, 28, 27, 26, 25, 24, 23, 22, 21]);
    await storage.appendEvents([entry(31, now)], { maxRows: 10, maxAgeMs: 2_500 });
    expect((await storage.events({}, 100, 0)).map(({ id }) => id)).toEqual([31, 30, 29]);
  });

  it('gives an event whose id is taken the next free one', async () => {
    await using storage = await opened();
    expect(await storage.appendEvents([entry(7)], keepAll)).toBe(7);
    expect(await storage.appendEvents([entry(3), entry(9)], keepAll)).toBe(9);
    expect((await storage.events({}, 10, 0)).map(({ id, message }) => [id, message])).toEqual([
      [9, 'event 9'],
      [8, 'event 3'],
      [7, 'event 7'],
    ]);
  });

  it('moves a file that is no database aside, says so, and begins anew', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(path, 'this is not a database, '.repeat(100));
    await using storage = await opened();
    await storage.saveDocuments({ settings: {} });
    expect(storage.state().message).toContain('damaged');
    const files = await readdir(join(folder, 'data'));
    expect(files.some((name) => name.startsWith('orchestrator.db.corrupt-'))).toBe(true);
  });

  it('rescues the settings from a database whose event log is damaged', async () => {
    {
      await using storage = await opened();
      await storage.saveDocuments({ settings: { LINGER_MS: '1' } });
      const many = Array.from({ length: 2_000 }, (_, index) => entry(index + 1));
      await storage.appendEvents(many, { ...keepAll, maxRows: 10_000 });
    }
    const file = await open(path, 'r+');
    // Past the schema and the documents, which were written first.
    await file.write(Buffer.alloc(40_000, 0xff), 0, 40_000, 4_096 * 12);
    await file.close();
    await using storage = await opened();
    expect(storage.document('settings')).toEqual({ LINGER_MS: '1' });
    expect(storage.state().message).toContain('damaged');
  });

  it('goes on without a database that cannot be opened, refuses changes, and uses it as soon as it can', async () => {
    await writeFile(join(folder, 'data'), 'a file where the folder should be');
    await using storage = await opened();
    const states: boolean[] = [];
    storage.onChange(({ ok }) => states.push(ok));
    expect(storage.state()).toMatchObject({ ok: false, reason: 'unavailable' });
    await expect(storage.saveDocuments({ settings: { LINGER_MS: '1' } })).rejects.toMatchObject({
      code: 'storage_unavailable',
      statusCode: 503,
    });
    expect(storage.document('settings')).toBeUndefined();
    await rm(join(folder, 'data'));
    await storage.saveDocuments({ settings: { LINGER_MS: '2' } });
    expect(storage.document('settings')).toEqual({ LINGER_MS: '2' });
    expect(states).toEqual([true]);
  });

  it('refuses a database that a newer release wrote, with a sentence, and leaves it as it is', async () => {
    openDatabase(path, [...migrations, 'CREATE TABLE later (x)']).close();
    await expect(opened()).rejects.toThrow(/written by a newer release \(version 2; this one knows 1\)/);
    const db = new DatabaseSync(path);
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
    db.close();
  });

  it('leaves a database to the server that has it open', async () => {
    await using first = await opened();
    await first.saveDocuments({ settings: { LINGER_MS: '1' } });
    await using second = await opened();
    expect(second.state()).toMatchObject({ ok: false, reason: 'unavailable' });
    expect(first.state().ok).toBe(true);
  });
});

describe('migrations', () => {
  it('keep a copy of the old file and bring the data over', () => {
    const old = openDatabase(path, migrations);
    old.exec(`INSERT INTO documents VALUES ('settings', '{"a":1}')`);
    old.close();
    const db = openDatabase(path, [...migrations, 'ALTER TABLE documents RENAME TO papers']);
    expect(db.prepare('SELECT body FROM papers').all()).toEqual([{ body: '{"a":1}' }]);
    db.close();
    const copy = new DatabaseSync(`${path}.v1`, { readOnly: true });
    expect(copy.prepare('SELECT body FROM documents').all()).toEqual([{ body: '{"a":1}' }]);
    copy.close();
  });

  it('happen whole or not at all', () => {
    openDatabase(path, migrations).close();
    const steps = [...migrations, 'CREATE TABLE good (x)', 'CREATE TABLE documents (x)'];
    expect(() => openDatabase(path, steps)).toThrow('already exists');
    const db = openDatabase(path, migrations);
    expect(db.prepare(`SELECT name FROM sqlite_schema WHERE name = 'good'`).all()).toEqual([]);
    db.close();
    expect(existsSync(`${path}.v1`)).toBe(true);
  });
});
