/**
 * What turns a database of version n into one of version n + 1, oldest first. One that was released is never changed:
 * a change of the tables is another entry at the end.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE documents (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    category TEXT NOT NULL,
    message TEXT NOT NULL,
    details TEXT NOT NULL,
    container_id TEXT,
    stream_id TEXT
  ) STRICT;
  CREATE INDEX events_at ON events (at);
  `,
];
