import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describePublicApi } from '../src/public-api.ts';
import { publishedPackages } from '../src/published-packages.ts';
import { repository } from '../src/repository.ts';

/**
 * Every change of what a package declares shows in review, in `checks/api/`. After a change that is meant:
 * `npx -y pnpm@12 --filter @acestream-orchestrator/checks api:update`.
 */
const entries = publishedPackages().flatMap(({ folder, name }) => {
  const { exports = {} } = JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')) as {
    readonly exports?: Readonly<Record<string, { readonly types?: string }>>;
  };
  return Object.entries(exports).flatMap(([path, { types }]) =>
    types === undefined ? [] : [{ entry: name + path.slice(1), file: join(repository, folder, types) }],
  );
});

test.each(entries)(
  '$entry declares what is agreed upon',
  async ({ entry, file }) => {
    const snapshot = `../api/${entry.replace('@acestream-orchestrator/', '').replaceAll('/', '.')}.txt`;
    await expect(describePublicApi(file)).toMatchFileSnapshot(snapshot);
  },
  60_000,
);
