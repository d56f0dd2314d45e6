import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPage, tableRows } from '../src/markdown.ts';
import { publishedPackages } from '../src/published-packages.ts';
import { repository } from '../src/repository.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

test('every package that runs in production is on the security page, with who uses it', () => {
  const users = new Map<string, string[]>();
  for (const { folder } of publishedPackages()) {
    const manifest = JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')) as Manifest;
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      if (name.startsWith('@acestream-orchestrator/')) continue;
      users.set(name, [...(users.get(name) ?? []), folder.replace(/^.*\//, '')]);
    }
  }
  const rows = tableRows(readPage('SECURITY.md')).filter(([, , third]) => third !== undefined);
  const listed = new Map(
    rows.map(([name = '', by = '']) => [name, by.replaceAll(' (by choice)', '').split(', ').sort()]),
  );
  for (const [name, by] of users) expect(listed.get(name), name).toEqual(by.sort());
  expect([...listed.keys()].filter((name) => /^[@a-z]/.test(name) && !name.includes(' ') && !users.has(name))).toEqual(
    [],
  );
});
