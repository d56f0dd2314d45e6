import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { countEvents, deleteEventsBefore, insertEvents, lastEventId, selectEvents } from './event-sql.ts';
import { migrations } from './migrations.ts';
import { documentsOf, isCorrupt, moveAside, openDatabase, readDocuments } from './open-database.ts';
import type { Documents, EventCounts, EventEntry, EventFilter, EventRetention, OpenedDatabase } from './rows.ts';

/**
 * The database of one server. Every method is synchronous and may wait for the disk, so it runs in a thread of its own.
 * One that is damaged is moved aside and begun anew; one that cannot be opened is tried again with every call.
 */
export class Database {
  readonly #path: string;
  #db: DatabaseSync | undefined;
  #movedAside: string | undefined;

  /** @param path a file, or `:memory:` */
  constructor(path: string) {
    this.#path = path;
  }

  open(): OpenedDatabase {
    const db = this.#opened();
    return { documents: documentsOf(db), lastEventId: lastEventId(db), movedAside: this.#movedAside };
  }

  /** The documents of a database that cannot be opened, as far as they can be read. */
  rescueDocuments(): Documents {
    return readDocuments(this.#path);
  }

  /** Writes every document that is given, or none. */
  saveDocuments(documents: Documents): void {
    this.#transaction((db) => {
      const insert = db.prepare('INSERT OR REPLACE INTO documents (name, body) VALUES (?, ?)');
      for (const [name, body] of Object.entries(documents)) insert.run(name, body);
    });
  }

  appendEvents(entries: readonly EventEntry[], retention: EventRetention, now: number): number {
    return this.#guarded((db) => insertEvents(db, entries, retention, now));
  }

  events(filter: EventFilter, limit: number, offset: number): readonly EventEntry[] {
    return this.#guarded((db) => selectEvents(db, filter, limit, offset));
  }

  eventCounts(): EventCounts {
    return this.#guarded(countEvents);
  }

  deleteEvents(before: number): number {
    return this.#guarded((db) => deleteEventsBefore(db, before));
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #opened(): DatabaseSync {
    this.#db ??= this.#openOrBeginAnew();
    return this.#db;
  }

  #openOrBeginAnew(): DatabaseSync {
    try {
      return openDatabase(this.#path, migrations);
    } catch (error) {
      if (!isCorrupt(error) || !existsSync(this.#path)) throw error;
    }
    const documents = readDocuments(this.#path);
    this.#movedAside = moveAside(this.#path, new Date());
    const db = openDatabase(this.#path, migrations);
    const insert = db.prepare('INSERT INTO documents (name, body) VALUES (?, ?)');
    for (const [name, body] of Object.entries(documents)) if (isJson(body)) insert.run(name, body);
    return db;
  }

  #transaction(work: (db: DatabaseSync) => void): void {
    this.#guarded((db) => {
      db.exec('BEGIN IMMEDIATE');
      try {
        work(db);
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** A database that turns out to be damaged is closed, so that the next call begins anew. */
  #guarded<Value>(work: (db: DatabaseSync) => Value): Value {
    try {
      return work(this.#opened());
    } catch (error) {
      if (isCorrupt(error)) this.close();
      throw error;
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
