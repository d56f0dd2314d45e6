import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The key, and what to say about it at start. */
export interface ApiKey {
  readonly value: string;
  /** `made` was written to `path` just now; `memory` could not be written and is gone after a restart. */
  readonly origin: 'setting' | 'file' | 'made' | 'memory';
  readonly path: string;
}

/**
 * The key of this installation: `setting` when given, else the one kept in `dataDir`, else a new one that is kept
 * there with mode 0600. A folder that cannot be used costs persistence and nothing else.
 */
export async function loadApiKey(setting: string | undefined, dataDir: string): Promise<ApiKey> {
  const path = join(dataDir, 'api-key');
  if (setting !== undefined) return { value: setting, origin: 'setting', path };
  const made = randomBytes(24).toString('base64url');
  try {
    const kept = await keptKey(path);
    if (kept !== undefined) return { value: kept, origin: 'file', path };
    await mkdir(dataDir, { recursive: true });
    await writeFile(path, `${made}\n`, { mode: 0o600 });
    await chmod(path, 0o600);
    return { value: made, origin: 'made', path };
  } catch {
    return { value: made, origin: 'memory', path };
  }
}

async function keptKey(path: string): Promise<string | undefined> {
  try {
    const kept = (await readFile(path, 'utf8')).trim();
    return kept === '' ? undefined : kept;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Compares in a time that tells nothing about either text. */
export function keysEqual(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}
