import { parentPort, workerData } from 'node:worker_threads';
import { Database } from './database.ts';
import type { DatabaseCall, DatabaseReply } from './database-thread.ts';
import { DatabaseTooNew } from './open-database.ts';
import { troubleOf } from './trouble.ts';

/** The thread of the database: does one call after the other. */
const database = new Database(workerData as string);

parentPort?.on('message', ({ id, name, args }: DatabaseCall) => {
  parentPort?.postMessage({ id, ...outcome(name, args) } satisfies DatabaseReply);
});

function outcome(name: DatabaseCall['name'], args: DatabaseCall['args']): Omit<DatabaseReply, 'id'> {
  try {
    return { value: (database[name] as (...args: readonly unknown[]) => unknown)(...args) };
  } catch (error) {
    return error instanceof DatabaseTooNew ? { tooNew: error.message } : { trouble: troubleOf(error) };
  }
}
