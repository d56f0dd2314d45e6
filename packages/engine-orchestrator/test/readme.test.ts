import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createEngine } from '@acestream-orchestrator/engine-simulator';
import { expect, it } from 'vitest';
import { AceError, type AceErrorCode } from '../src/ace/ace-error.ts';
import { scaleBounds } from '../src/scale-settings.ts';
import { numberBounds } from '../src/settings.ts';

const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');

/** Runs the n-th TypeScript block of the README and returns what it printed. */
async function runExample(index: number, edit: (code: string) => string = (code) => code): Promise<string> {
  const code = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].at(index)?.[1] ?? '';
  const folder = await mkdtemp(join(import.meta.dirname, 'example-'));
  try {
    await writeFile(join(folder, 'example.ts'), edit(code));
    const args = ['--conditions=@acestream-orchestrator/source', '--no-warnings', 'example.ts'];
    return (await promisify(execFile)(process.execPath, args, { cwd: folder, timeout: 15_000 })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function codesOf(file: string): Promise<string[]> {
  const source = await readFile(join(import.meta.dirname, '../src', file), 'utf8');
  return [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code = '']) => code);
}

it('the example with three plain services runs, and spreads its jobs', async () => {
  const lines = (await runExample(0)).trim().split('\n');
  expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual(['four', 'one', 'three', 'two']);
  expect(new Set(lines.map((line) => line.split(' ').at(-1)))).toEqual(new Set(['red', 'green', 'blue']));
});

it('the example with an AceStream engine runs, and leaves nothing on the engine', async () => {
  await using engine = await createEngine({ controlPort: false });
  expect(await runExample(1, (code) => code.replace('http://127.0.0.1:6878', engine.url))).toContain('speedDownKBps');
  expect(engine.state().downloads).toEqual([]);
  expect(Object.values(engine.state().contents)).toHaveLength(1);
});

/** The rows of the table whose head begins like this, without the backticks. */
function tableRows(head: string): string[][] {
  const unpadded = readme.replaceAll(/ +\|/g, ' |');
  const table = unpadded.slice(unpadded.indexOf(head)).split('\n\n')[0] ?? '';
  const rows = table.split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

it('the table of options has every number, with its default and bounds', () => {
  const documented = tableRows('| option |').map(([name, value, bounds]) => [name, value, bounds]);
  const real = Object.entries({ ...scaleBounds, ...numberBounds }).map(([name, { default: value, min, max }]) => [
    name,
    `${value}`,
    `${min} – ${max}`,
  ]);
  expect(documented.filter(([, , bounds]) => bounds !== '')).toEqual(real);
});

it('the tables of errors have every code, and whom it blames', async () => {
  const codes = tableRows('| code | from |').map(([code]) => code);
  expect(codes).toEqual(await codesOf('orchestrator-error.ts'));
  const aceCodes = await codesOf('ace/ace-error.ts');
  expect(aceCodes).toContain('content_dead');
  expect(tableRows('| code | when |').map(([code, , outcome]) => [code, outcome])).toEqual(
    aceCodes.map((code) => [code, new AceError(code as AceErrorCode, '').outcome ?? '']),
  );
});

it('the table of options of dockerRuntime has every option, and no other', async () => {
  const source = await readFile(join(import.meta.dirname, '../src/docker/docker-options.ts'), 'utf8');
  const body = source.split('export interface DockerRuntimeOptions {')[1]!.split('\n}')[0]!;
  const fields = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  const section = readme.slice(readme.indexOf('\n## `./docker`'));
  const table = section.slice(section.indexOf('\n| option')).trimStart().split('\n\n')[0]!;
  expect([...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)).toEqual(fields);
});
