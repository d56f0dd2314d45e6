import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { watch } from 'node:fs';
import { chmod, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing, writeSecret } from '../atomic-file.ts';

/** The key, and what to say about it at start. */
export interface ApiKey extends KeySource {
  readonly value: string;
  /** `made` was written to `path` just now; `memory` could not be written and is gone after a restart. */
  readonly origin: 'setting' | 'file' | 'made' | 'memory';
  readonly path: string;
}

/** What opens every door. */
export interface KeySource {
  /** The key as it is now: a kept one is read again when its file has changed. */
  current(): Promise<string>;
  /**
   * Calls `listener` when it may be another one, as soon as the system says that of the file, which not every file system
   * can. The returned function ends that.
   */
  watch(listener: () => void): () => void;
}

/**
 * The key of this installation: `setting` when given, else the one kept in `dataDir`, else a new one that is kept
 * there with mode 0600. A folder that cannot be used costs persistence and nothing else.
 */
export async function loadApiKey(setting: string | undefined, dataDir: string): Promise<ApiKey> {
  const path = keyPath(dataDir);
  if (setting !== undefined) return { value: setting, origin: 'setting', path, ...fixedKey(setting) };
  const made = makeKey();
  try {
    const kept = await readKeptKey(dataDir);
    if (kept === undefined) await writeSecret(path, `${made}\n`);
    else await chmod(path, 0o600);
    const value = kept ?? made;
    return { value, origin: kept === undefined ? 'made' : 'file', path, ...(await keptKey(path, value)) };
  } catch {
    return { value: made, origin: 'memory', path, ...fixedKey(made) };
  }
}

/** Replaces the kept key. A server that runs takes the new one from the next request on. */
export async function rotateApiKey(dataDir: string): Promise<string> {
  const made = makeKey();
  await writeSecret(keyPath(dataDir), `${made}\n`);
  return made;
}

/** The key kept in `dataDir`, if there is one. */
export async function readKeptKey(dataDir: string): Promise<string | undefined> {
  try {
    const kept = (await readFile(keyPath(dataDir), 'utf8')).trim();
    return kept === '' ? undefined : kept;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function fixedKey(value: string): KeySource {
  return { current: async () => value, watch: () => () => {} };
}

async function keptKey(path: string, value: string): Promise<KeySource> {
  let known = { value, stamp: await stampOf(path) };
  return {
    async current() {
      try {
        const stamp = await stampOf(path);
        const text = stamp === known.stamp ? '' : (await readFile(path, 'utf8')).trim();
        if (text !== '') known = { value: text, stamp };
      } catch {
        // A file that is gone or cannot be read does not lock anybody out: the key that was known stays.
      }
      return known.value;
    },
    watch: (listener) => watchFile(path, listener),
  };
}

/** Its folder, since a file that is replaced is another one. */
function watchFile(path: string, listener: () => void): () => void {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) listener();
    });
    // A folder that cannot be watched any more is found out about when the key is shown next.
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
}

/** Changes whenever the file is replaced or written. */
async function stampOf(path: string): Promise<string> {
  const { ino, mtimeMs, size } = await stat(path);
  return `${ino} ${mtimeMs} ${size}`;
}

function keyPath(dataDir: string): string {
  return join(dataDir, 'api-key');
}

function makeKey(): string {
  return randomBytes(24).toString('base64url');
}

/** Compares in a time that tells nothing about either text. */
export function keysEqual(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}
