import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pnpm } from '../src/pnpm.ts';
import { repository } from '../src/repository.ts';

test('the documentation site is built, without a dead link, and every page of its sidebar is there', async () => {
  await pnpm(repository, ['docs:build']);
  const config = readFileSync(join(repository, 'docs/.vitepress/config.ts'), 'utf8');
  const links = [...config.matchAll(/link: '([^']+)'/g)].map(([, link = '']) => link);
  const files = links.map((link) => (link.endsWith('/') ? `${link}index.html` : `${link}.html`));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !existsSync(join(repository, 'docs/.vitepress/dist', file)))).toEqual([]);
}, 180_000);
