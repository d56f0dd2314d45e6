import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the page's build is: beside this one when it is installed, in the page's own folder in the repository. */
const candidates = ['./panel/', '../../panel/dist/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** Finds the folder with the built page, or nothing when it has not been built. */
export async function findPanel(folders: readonly string[] = candidates): Promise<string | undefined> {
  for (const folder of folders) {
    try {
      await access(join(folder, 'index.html'));
      return folder;
    } catch {
      // Not there, or not readable: the next one may be.
    }
  }
  return undefined;
}
