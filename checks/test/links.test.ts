import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readPage } from '../src/markdown.ts';
import { publishedPackages } from '../src/published-packages.ts';
import { repository } from '../src/repository.ts';
import { repositoryFiles } from '../src/source-files.ts';

/** Changesets are for the changelog; its own pages are not ours. */
const pages = repositoryFiles().filter((path) => path.endsWith('.md') && !path.startsWith('.changeset/'));

/** A page without its code. */
function proseOf(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Targets of links and pictures. */
function linksOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** GitHub's anchors: lower case, punctuation dropped, a hyphen for each space. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function isBroken(page: string, target: string): boolean {
  if (/^(https?:|mailto:)/.test(target)) return false;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  const absolute = join(repository, file);
  if (!existsSync(absolute)) return true;
  return anchor !== undefined && !anchorsOf(readFileSync(absolute, 'utf8')).has(anchor);
}

test('the pages have links to check', () => {
  expect(pages.flatMap((page) => linksOf(readPage(page))).length).toBeGreaterThan(20);
});

test.each(pages)('the links of %s lead somewhere', (page) => {
  expect(linksOf(readPage(page)).filter((target) => isBroken(page, target))).toEqual([]);
});

test('nothing in the text of a page is taken for an HTML tag: GitHub would not show it, and the site not be built', () => {
  const tags = pages.flatMap((page) =>
    [...proseOf(readPage(page)).matchAll(/(?<!\\)<\/?[a-z][^>]*>/gi)].map(([tag]) => [page, tag]),
  );
  expect(tags).toEqual([]);
});

test('the README is short, has both commands, and names every package with its manual', () => {
  const readme = readPage('README.md');
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  for (const command of ['npx -y pnpm@12 start', 'npx -y pnpm@12 test']) expect(readme).toContain(`\n${command}\n`);
  for (const { folder } of publishedPackages()) expect(linksOf(readme)).toContain(`${folder}/README.md`);
});

test('every decision has a context, a decision and a consequence', () => {
  const records = pages.filter((page) => page.startsWith('docs/decisions/'));
  expect(records.length).toBeGreaterThan(5);
  for (const record of records) {
    const bold = [...readPage(record).matchAll(/^\*\*(\w+)\.\*\*/gm)].map(([, word]) => word);
    expect(bold, record).toEqual(['Context', 'Decision', 'Consequence']);
  }
});
