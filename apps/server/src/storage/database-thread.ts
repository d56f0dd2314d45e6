import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Database } from './database.ts';
import { DatabaseTooNew } from './open-database.ts';
import { type Trouble, troubleOf } from './trouble.ts';

type Methods = Omit<Database, 'close'>;

/** Calls a method of a {@link Database} without waiting for the disk. Rejects with a {@link DatabaseTrouble}. */
export interface DatabaseThread {
  call<Name extends keyof Methods>(name: Name, ...args: Parameters<Methods[Name]>): Promise<ReturnType<Methods[Name]>>;
  /** Closes the database and ends the thread. */
  close(): Promise<void>;
}

/** A call that the database could not do. */
export class DatabaseTrouble extends Error {
  override readonly name = 'DatabaseTrouble';
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.message);
    this.trouble = trouble;
  }
}

/** Sent to the thread. */
export interface DatabaseCall {
  readonly id: number;
  readonly name: keyof Database;
  readonly args: readonly unknown[];
}

/** What comes back: a value, or what went wrong. */
export interface DatabaseReply {
  readonly id: number;
  readonly value?: unknown;
  readonly trouble?: Trouble;
  /** The message of a {@link DatabaseTooNew}. */
  readonly tooNew?: string;
}

/** A database in a thread of its own. */
export function startDatabaseThread(path: string): DatabaseThread {
  // The source runs as it is written; the package has it compiled beside this module.
  const source = new URL('./database-worker.ts', import.meta.url);
  const file = existsSync(fileURLToPath(source)) ? source : new URL('./database-worker.js', import.meta.url);
  const worker = new Worker(file, { workerData: path, execArgv: [] });
  worker.unref();
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let failure: DatabaseTrouble | undefined;
  let nextId = 0;
  worker.on('message', ({ id, value, trouble, tooNew }: DatabaseReply) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (tooNew !== undefined) call?.reject(new DatabaseTooNew(tooNew));
    else if (trouble !== undefined) call?.reject(new DatabaseTrouble(trouble));
    else call?.resolve(value);
    if (waiting.size === 0) worker.unref();
  });
  worker.on('error', (error) => {
    failure = new DatabaseTrouble({ kind: 'unavailable', message: `The storage thread ended: ${error.message}` });
    for (const call of waiting.values()) call.reject(failure);
    waiting.clear();
  });
  const send = (name: keyof Database, args: readonly unknown[]): Promise<unknown> => {
    if (failure !== undefined) return Promise.reject(failure);
    const id = nextId++;
    const call = Promise.withResolvers<unknown>();
    waiting.set(id, call);
    worker.ref();
    worker.postMessage({ id, name, args } satisfies DatabaseCall);
    return call.promise;
  };
  return {
    // What a method returns is what its name says.
    call: (name, ...args) => send(name, args) as Promise<never>,
    async close() {
      await send('close', []).catch(() => {});
      failure = new DatabaseTrouble({ kind: 'unavailable', message: 'The storage is closed' });
      await worker.terminate();
    },
  };
}

/** A database in this thread: for tests, in memory. */
export function databaseHere(path = ':memory:'): DatabaseThread {
  const database = new Database(path);
  return {
    async call(name, ...args) {
      try {
        return (database[name] as (...args: unknown[]) => never)(...args);
      } catch (error) {
        throw error instanceof DatabaseTooNew ? error : new DatabaseTrouble(troubleOf(error));
      }
    },
    close: async () => database.close(),
  };
}
