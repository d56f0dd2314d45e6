import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEFAULT_HISTOGRAM_BOUNDS_MS } from '../src/index.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

it('the README has a row for every option, and no other', () => {
  const options = [...read('../src/perf-metrics.ts').matchAll(/^ {2}readonly (\w+)\?:/gm)].map((match) => match[1]);
  const [, section = ''] = read('../README.md').split('\n## Options\n');
  const rows = [...section.split('\n## ')[0]!.matchAll(/^\| `(\w+)` +\|/gm)].map((match) => match[1]);
  expect(options.length).toBeGreaterThan(6);
  expect(rows).toEqual(options);
});

it('the README has the default bounds of the histograms', () => {
  expect(read('../README.md')).toContain(`| ${DEFAULT_HISTOGRAM_BOUNDS_MS.join(', ')} |`);
});
