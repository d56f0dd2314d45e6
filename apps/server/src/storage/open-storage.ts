import { join } from 'node:path';
import type { Log } from '../log.ts';
import { startDatabaseThread } from './database-thread.ts';
import { Storage } from './storage.ts';

/** The storage in `dataDir`, its database in a thread of its own. Rejects with a DatabaseTooNew. */
export async function openStorage(dataDir: string, log: Log): Promise<Storage> {
  const thread = startDatabaseThread(join(dataDir, 'orchestrator.db'));
  try {
    return await Storage.open({ thread, log });
  } catch (error) {
    await thread.close();
    throw error;
  }
}
