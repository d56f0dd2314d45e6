import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { EventCounts, EventEntry, EventFilter, EventRetention } from './rows.ts';

interface Row {
  readonly id: number;
  readonly at: number;
  readonly type: EventEntry['type'];
  readonly category: string;
  readonly message: string;
  readonly details: string;
  readonly container_id: string | null;
  readonly stream_id: string | null;
}

export function lastEventId(db: DatabaseSync): number {
  return (db.prepare('SELECT coalesce(max(id), 0) AS id FROM events').get() as { id: number }).id;
}

/** Adds entries, all or none, and drops what is over the retention. An id that is taken becomes the next free one. Returns the last id. */
export function insertEvents(
  db: DatabaseSync,
  entries: readonly EventEntry[],
  keep: EventRetention,
  now: number,
): number {
  const insert = db.prepare(
    'INSERT INTO events (id, at, type, category, message, details, container_id, stream_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  let last = lastEventId(db);
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const { id, at, type, category, message, details, containerId, streamId } of entries) {
      last = Math.max(id, last + 1);
      insert.run(last, at, type, category, message, JSON.stringify(details), containerId, streamId);
    }
    db.prepare('DELETE FROM events WHERE id <= (SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET ?)').run(
      keep.maxRows,
    );
    deleteEventsBefore(db, now - keep.maxAgeMs);
    db.exec('COMMIT');
    return last;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Newest first. */
export function selectEvents(db: DatabaseSync, filter: EventFilter, limit: number, offset: number): EventEntry[] {
  const conditions: [string, SQLInputValue | undefined][] = [
    ['type = ?', filter.type],
    ['category = ?', filter.category],
    ['container_id = ?', filter.containerId],
    ['stream_id = ?', filter.streamId],
    ['at >= ?', filter.since],
  ];
  const given = conditions.filter(([, value]) => value !== undefined) as [string, SQLInputValue][];
  const where = given.length === 0 ? '' : `WHERE ${given.map(([condition]) => condition).join(' AND ')}`;
  const rows = db
    .prepare(`SELECT * FROM events ${where} ORDER BY id DESC LIMIT ? OFFSET ?`)
    .all(...given.map(([, value]) => value), limit, offset) as unknown as Row[];
  return rows.map(({ details, container_id, stream_id, ...row }) => ({
    ...row,
    details: JSON.parse(details) as Record<string, unknown>,
    containerId: container_id,
    streamId: stream_id,
  }));
}

export function countEvents(db: DatabaseSync): EventCounts {
  const rows = db.prepare('SELECT type, count(*) AS count FROM events GROUP BY type').all() as {
    type: string;
    count: number;
  }[];
  const ends = db.prepare('SELECT min(at) AS oldest, max(at) AS newest FROM events').get() as {
    oldest: number | null;
    newest: number | null;
  };
  return {
    total: rows.reduce((sum, { count }) => sum + count, 0),
    byType: Object.fromEntries(rows.map(({ type, count }) => [type, count])),
    oldestAt: ends.oldest,
    newestAt: ends.newest,
  };
}

/** @param before Unix milliseconds */
export function deleteEventsBefore(db: DatabaseSync, before: number): number {
  return Number(db.prepare('DELETE FROM events WHERE at < ?').run(before).changes);
}
