import { describe, expect, it } from 'vitest';
import { createLog } from '../log.ts';
import { type DatabaseThread, DatabaseTrouble, databaseHere } from '../storage/database-thread.ts';
import { Storage } from '../storage/storage.ts';
import { EventLog } from './event-log.ts';

const retention = () => ({ maxRows: 100_000, maxAgeMs: 1e12 });

/** A database whose disk can be filled. */
function database(): DatabaseThread & { full: boolean; batches: number[] } {
  const inner = databaseHere();
  return {
    ...inner,
    full: false,
    batches: [],
    async call(name, ...args) {
      if (name === 'appendEvents') {
        if (this.full) throw new DatabaseTrouble({ kind: 'full', message: 'database or disk is full' });
        this.batches.push((args[0] as unknown[]).length);
      }
      return inner.call(name, ...args);
    },
  };
}

async function eventLog() {
  const thread = database();
  const storage = await Storage.open({ thread, log: createLog('silent') });
  const events = new EventLog({ storage, retention });
  const record = (message: string) => events.record({ type: 'stream', category: 'started', message });
  const messages = async (limit = 100, offset = 0) =>
    (await events.query({}, limit, offset)).map(({ message }) => message);
  return { thread, storage, events, record, messages };
}

describe('EventLog', () => {
  it('writes what came together in one batch', async () => {
    const { thread, events, record } = await eventLog();
    for (let index = 0; index < 50; index++) record(`${index}`);
    expect(thread.batches).toEqual([]);
    await events.close();
    expect(thread.batches).toEqual([50]);
  });

  it('finds at once what was just recorded, in pages, newest first', async () => {
    const { record, messages } = await eventLog();
    for (const message of ['a', 'b', 'c', 'd']) record(message);
    expect(await messages(2, 0)).toEqual(['d', 'c']);
    record('e');
    expect(await messages(3, 1)).toEqual(['d', 'c', 'b']);
  });

  it('keeps what a full disk does not take, shows it, and writes it once when there is room', async () => {
    const { thread, events, record, messages, storage } = await eventLog();
    record('before');
    await events.flush();
    thread.full = true;
    record('during');
    await events.flush();
    record('later');
    expect(storage.state()).toMatchObject({ ok: false, reason: 'full' });
    expect(await messages()).toEqual(['later', expect.stringContaining('no room'), 'during', 'before']);
    expect(await messages(2, 2)).toEqual(['during', 'before']);
    expect(events.backlog()).toEqual({ pending: 3, lost: 0 });
    expect((await events.counts()).total).toBe(4);
    thread.full = false;
    await events.close();
    expect(storage.state().ok).toBe(true);
    const written = (await storage.events({}, 100, 0)).map(({ message }) => message);
    expect(written.toReversed()).toEqual([
      'before',
      'during',
      expect.stringContaining('no room'),
      'later',
      'The database can be used again.',
    ]);
  });

  it('is bounded while nothing can be written, and counts what is lost', async () => {
    const { thread, events, record } = await eventLog();
    thread.full = true;
    for (let index = 0; index < 20_000; index++) record(`${index}`);
    const { pending, lost } = events.backlog();
    expect(pending).toBeLessThanOrEqual(5_000);
    expect(pending + lost).toBe(20_000);
    await events.close();
  });

  it('tells listeners of every entry until they end it', async () => {
    const { events, record } = await eventLog();
    const seen: string[] = [];
    const end = events.listen(({ message }) => seen.push(message));
    record('a');
    end();
    record('b');
    expect(seen).toEqual(['a']);
    await events.close();
  });

  it('deletes what is older than asked', async () => {
    const { events, record, messages } = await eventLog();
    record('old');
    expect(await events.deleteBefore(Date.now() + 1)).toBe(1);
    expect(await messages()).toEqual([]);
  });
});
