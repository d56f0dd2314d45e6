import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repository } from '../src/repository.ts';

/** The part of vitest's JSON report that is read. */
interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-sum-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(...statuses: string[]): Report {
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}` }));
  const failed = statuses.includes('failed');
  const file = { name: 'a.test.ts', status: failed ? 'failed' : 'passed', message: '', assertionResults } as const;
  return { success: !failed, testResults: [file] };
}

function write(step: string, name: string, content: Report | string): void {
  mkdirSync(join(folder, step), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(folder, step, `${name}.json`), text);
}

function sum(...steps: string[]): { line: string; exitCode: number | null; output: string } {
  const script = join(repository, '.ci/sum-results.mjs');
  const { stdout, status } = spawnSync(process.execPath, [script, folder, ...steps], { encoding: 'utf8' });
  return { line: stdout.trimEnd().split('\n').at(-1)!, exitCode: status, output: stdout };
}

test('tests of all reports and the steps themselves are counted', () => {
  write('test', 'one', report('passed', 'passed', 'pending'));
  write('test', 'two', report('passed'));
  write('test-ci', 'one', report('passed'));
  expect(sum('test=0', 'test-ci=0')).toMatchObject({ line: '6 passed, 0 failed, 1 skipped', exitCode: 0 });
});

test('a failed test is counted once and named, and its step is not counted again', () => {
  write('test', 'one', report('passed', 'failed'));
  const { line, exitCode, output } = sum('test=1');
  expect([line, exitCode]).toEqual(['1 passed, 1 failed', 1]);
  expect(output).toContain('FAILED a.test.ts: test 1');
});

test('a step that fails although its tests pass counts as a failure', () => {
  write('test', 'one', report('passed'));
  expect(sum('test=2')).toMatchObject({ line: '1 passed, 1 failed', exitCode: 1 });
});

test('a failure of one step does not hide that of another', () => {
  write('test', 'one', report('failed'));
  write('test-ci', 'one', report('passed'));
  expect(sum('test=1', 'test-ci=1')).toMatchObject({ line: '1 passed, 2 failed', exitCode: 1 });
});

test('a file that cannot be loaded, an unhandled error and a broken report are failures', () => {
  const [file] = report('passed').testResults;
  const unloaded = { ...file!, status: 'failed', message: 'SyntaxError', assertionResults: [] } as const;
  write('test', 'unloaded', { success: false, testResults: [unloaded] });
  write('test', 'unhandled', { ...report('passed'), success: false });
  write('test', 'broken', '{');
  expect(sum('test=1')).toMatchObject({ line: '1 passed, 3 failed', exitCode: 1 });
});

test('a step without tests is a failure, even when it ends well', () => {
  write('test', 'none', report());
  expect(sum('test=0')).toMatchObject({ line: '0 passed, 1 failed', exitCode: 1 });
  expect(sum('nothing=0')).toMatchObject({ line: '0 passed, 1 failed', exitCode: 1 });
});
