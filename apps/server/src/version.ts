import { readFileSync } from 'node:fs';

/** The version in this package's package.json, which is one folder above the source and the build alike. */
export function readVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return version;
}
