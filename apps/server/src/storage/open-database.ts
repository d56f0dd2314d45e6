import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { troubleOf } from './trouble.ts';

/** A database that a newer release wrote: changing it could only do harm. */
export class DatabaseTooNew extends Error {
  override readonly name = 'DatabaseTooNew';
}

/**
 * Opens the database at `path`, made when there is none, and brings its tables up to date: all steps or none, with a
 * copy of the old file beside it. Throws {@link DatabaseTooNew}, and whatever SQLite and the file system throw.
 */
export function openDatabase(path: string, migrations: readonly string[]): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path, { timeout: 2_000 });
  try {
    // One server per database; and without a shared-memory file WAL works on network file systems, too.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    checkIntegrity(db, path);
    migrate(db, path, migrations);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Reads the documents of a database that cannot be opened for writing: a read-only or full disk, say. */
export function readDocuments(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  try {
    const url = pathToFileURL(path);
    url.search = '?immutable=1';
    const db = new DatabaseSync(url, { readOnly: true });
    try {
      return documentsOf(db);
    } finally {
      db.close();
    }
  } catch {
    return {};
  }
}

export function documentsOf(db: DatabaseSync): Record<string, string> {
  const rows = db.prepare('SELECT name, body FROM documents').all() as { name: string; body: string }[];
  return Object.fromEntries(rows.map(({ name, body }) => [name, body]));
}

/** Moves a database that cannot be read out of the way, for whoever wants to rescue something. Returns where it is now. */
export function moveAside(path: string, now: Date): string {
  const aside = `${path}.corrupt-${now.toISOString().replace(/[:.]/g, '-')}`;
  renameSync(path, aside);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

function checkIntegrity(db: DatabaseSync, path: string): void {
  const [row] = db.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
  if (row?.quick_check === 'ok') return;
  throw Object.assign(new Error(`The database ${path} is damaged: ${row?.quick_check}`), { errcode: 11 });
}

function migrate(db: DatabaseSync, path: string, migrations: readonly string[]): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) {
    throw new DatabaseTooNew(
      `The database ${path} was written by a newer release (version ${version}; this one knows ${migrations.length}): run that release, or move the file away to begin anew.`,
    );
  }
  if (version === migrations.length) return;
  if (version > 0) keepCopy(db, `${path}.v${version}`);
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of migrations.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function keepCopy(db: DatabaseSync, path: string): void {
  rmSync(path, { force: true });
  db.prepare('VACUUM INTO ?').run(path);
}

/** Whether `error` says that the file holds no database that can be used. */
export function isCorrupt(error: unknown): boolean {
  return troubleOf(error).kind === 'corrupt';
}
