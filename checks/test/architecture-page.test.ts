import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { readPage, sectionAt, tableRows } from '../src/markdown.ts';
import { repositoryFiles } from '../src/source-files.ts';

/** How deep below a member's `src` folders are listed. */
const LISTED_DEPTH = 2;

const page = readPage('docs/architecture.md');
const folders = new Set(repositoryFiles().flatMap(ancestors));
const rows = tableRows(sectionAt(page, '## Folders', /^## /));
const listed = rows.map(([folder = '']) => folder);

function ancestors(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [...ancestors(folder), folder];
}

function mustBeListed(folder: string): boolean {
  const [parent, , source, ...below] = folder.split('/');
  if (!folder.includes('/')) return true;
  return (parent === 'packages' || parent === 'apps') && source === 'src' && below.length <= LISTED_DEPTH;
}

test('every folder at the root and below src is listed', () => {
  expect([...folders].filter(mustBeListed).filter((folder) => !listed.includes(folder))).toEqual([]);
});

test('every folder that is listed exists, once, with its job', () => {
  expect(listed.filter((folder) => !folders.has(folder))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
  expect(rows.filter(([, job = '']) => job === '')).toEqual([]);
});

test('files that a job names are in that folder', () => {
  const files = new Set(repositoryFiles());
  const named = rows.flatMap(([folder, job = '']) =>
    [...job.matchAll(/`([a-z-]+)`/g)].map(([, name]) => `${folder}/${name}.ts`),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((file) => !files.has(file))).toEqual([]);
});
