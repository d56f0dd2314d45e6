import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The id of this installation, by which it knows its containers: `setting` when given, else the one kept in `dataDir`,
 * else a new one that is kept there. Rejects when it can neither be read nor kept, because containers would be orphaned
 * by the next start.
 */
export async function loadInstanceId(setting: string | undefined, dataDir: string): Promise<string> {
  if (setting !== undefined) return setting;
  const path = join(dataDir, 'instance-id');
  try {
    await mkdir(dataDir, { recursive: true });
    // Exclusive, so that of two processes that start at once neither overwrites the other's.
    await writeFile(path, `${randomBytes(6).toString('hex')}\n`, { flag: 'wx' });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cannotKeep(path, cause);
  }
  const kept = (await readFile(path, 'utf8')).trim();
  if (!/^[\w.-]{1,100}$/.test(kept)) throw new Error(`${path} has no id in it: remove it, or set INSTANCE_ID.`);
  return kept;
}

function cannotKeep(path: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `The id of this installation cannot be kept in ${path} (${why}): make DATA_DIR writable, or set INSTANCE_ID.`,
    { cause },
  );
}
