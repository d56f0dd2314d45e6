import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Absolute path of a file of this package. The package finds itself by name, so that the answer is the same from `src`
 * and from a bundle in `dist`.
 */
export function packageFile(...path: string[]): string {
  const manifest = createRequire(import.meta.url).resolve('@acestream-orchestrator/engine-simulator/package.json');
  return join(dirname(manifest), ...path);
}
