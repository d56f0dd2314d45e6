import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cruise, type Violation } from '../src/cruise.ts';
import { repository } from '../src/repository.ts';

const LIBRARIES = ['mpegts-proxy', 'hls-proxy', 'engine-orchestrator', 'perf-metrics'];
const PACKAGES = [...LIBRARIES, 'engine-simulator'];

/** Each import breaks the rule that it is listed under (some break another one as well). Packages go by name. */
const FORBIDDEN: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  'no-cycles': [['packages/hls-proxy/src/cycle-a.ts', './cycle-b.ts']],
  'libraries-stand-alone': [
    ['packages/mpegts-proxy/src/a.ts', 'perf-metrics'],
    ['packages/hls-proxy/src/b.ts', 'engine-simulator'],
    ['packages/perf-metrics/src/c.ts', '../../../bench/table.ts'],
  ],
  'library-tests-use-only-the-simulator': [
    ['packages/mpegts-proxy/test/a.test.ts', 'hls-proxy'],
    ['packages/engine-orchestrator/src/b.test.ts', '../../../apps/server/src/config/config.ts'],
  ],
  'simulator-stands-alone': [['packages/engine-simulator/src/a.ts', 'mpegts-proxy']],
  'one-composer': [
    ['apps/server/src/http/a.ts', 'mpegts-proxy'],
    ['apps/server/src/b.ts', 'engine-orchestrator'],
  ],
  'simulator-only-in-demo': [['apps/server/src/http/c.ts', 'engine-simulator']],
  'panel-knows-only-the-api': [
    ['apps/panel/src/a.ts', 'engine-simulator'],
    ['apps/panel/src/b.ts', '../../server/src/config/config.ts'],
  ],
  'nothing-imports-an-app': [['examples/a.ts', '../apps/server/src/config/config.ts']],
  resolvable: [['apps/server/src/d.ts', './does-not-exist.ts']],
};

const ALLOWED: readonly (readonly [from: string, to: string])[] = [
  ['packages/mpegts-proxy/test/good.test.ts', 'engine-simulator'],
  ['apps/server/src/compose.ts', 'mpegts-proxy'],
  ['apps/server/src/compose.ts', 'perf-metrics'],
  ['apps/server/src/demo.ts', 'engine-simulator'],
  ['apps/panel/test/good.test.ts', 'engine-simulator'],
  ['examples/good.ts', 'engine-orchestrator'],
  ['bench/good.ts', 'engine-simulator'],
];

const LONELY = 'packages/perf-metrics/src/lonely.ts';

let tree: string;
let violations: readonly Violation[];

beforeAll(async () => {
  tree = mkdtempSync(join(tmpdir(), 'import-rules-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.base.json'])
    cpSync(join(repository, file), join(tree, file));
  for (const name of PACKAGES) {
    write(
      `packages/${name}/package.json`,
      JSON.stringify({
        name: `@acestream-orchestrator/${name}`,
        type: 'module',
        exports: { '.': { '@acestream-orchestrator/source': './src/index.ts', default: './dist/index.js' } },
      }),
    );
    write(`packages/${name}/src/index.ts`, 'export const name = 1;\n');
    mkdirSync(join(tree, 'node_modules/@acestream-orchestrator'), { recursive: true });
    symlinkSync(join(tree, 'packages', name), join(tree, 'node_modules/@acestream-orchestrator', name));
  }
  write('apps/server/src/config/config.ts', 'export const name = 1;\n');
  write('bench/table.ts', 'export const name = 1;\n');
  write('packages/hls-proxy/src/cycle-b.ts', "export { name } from './cycle-a.ts';\n");
  write(LONELY, 'export const name = 1;\n');
  const imports = new Map<string, string[]>();
  for (const [from, to] of [...Object.values(FORBIDDEN).flat(), ...ALLOWED]) {
    const statements = imports.get(from) ?? imports.set(from, []).get(from)!;
    const specifier = to.startsWith('.') ? to : `@acestream-orchestrator/${to}`;
    statements.push(`export { name as name${statements.length} } from '${specifier}';\n`);
  }
  for (const [from, statements] of imports) write(from, statements.join(''));
  violations = await cruise(tree, ['packages', 'apps', 'examples', 'bench']);
}, 60_000);

afterAll(() => rmSync(tree, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), content);
}

test.each(Object.entries(FORBIDDEN))('an import against the rule "%s" is an error', (rule, imports) => {
  const reported = violations.filter((violation) => violation.rule === rule);
  expect(reported).toEqual(expect.arrayContaining(imports.map(([from]) => ({ rule, severity: 'error', from }))));
});

test('a file that nothing imports and that imports nothing is an error', () => {
  expect(violations).toContainEqual({ rule: 'no-orphans', severity: 'error', from: LONELY });
});

test('imports that the rules allow are not reported', () => {
  const allowed = new Set(ALLOWED.map(([from]) => from));
  expect(violations.filter(({ from }) => allowed.has(from))).toEqual([]);
});

test('every rule of the configuration is proven here', async () => {
  const { default: configuration } = await import(join(repository, '.dependency-cruiser.cjs'));
  const names = (configuration as { forbidden: { name: string }[] }).forbidden.map(({ name }) => name);
  expect(names.sort()).toEqual([...Object.keys(FORBIDDEN), 'no-orphans'].sort());
});
