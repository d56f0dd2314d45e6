import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pnpm, run } from '../src/pnpm.ts';
import { publishedPackages } from '../src/published-packages.ts';
import { repository } from '../src/repository.ts';

/**
 * What a stranger gets: every package is packed, and the tarballs are installed in an empty project. pnpm keeps what a
 * package did not declare out of its reach, so a forgotten dependency shows.
 */
const packages = publishedPackages();
const entries = packages.flatMap((each) => each.entries);
const commands = packages.flatMap((each) => each.commands);

let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'packed-'));
  const filters = packages.flatMap(({ name }) => ['--filter', name]);
  const packed = await pnpm(repository, ['-r', ...filters, 'pack', '--json', '--pack-destination', project]);
  const tarballs = JSON.parse(packed) as readonly { name: string; filename: string }[];
  const files = Object.fromEntries(tarballs.map(({ name, filename }) => [name, `file:${filename}`]));
  const { devDependencies } = readJson<{ devDependencies: Record<string, string> }>('package.json');
  const metrics = readJson<{ peerDependencies: Record<string, string> }>('packages/perf-metrics/package.json');
  write('package.json', {
    private: true,
    type: 'module',
    dependencies: { ...files, ...metrics.peerDependencies, '@types/node': devDependencies['@types/node'] },
  });
  // Overrides make the packages depend on each other's tarballs. (Any YAML reader takes JSON.)
  write('pnpm-workspace.yaml', { overrides: files, strictDepBuilds: false });
  await pnpm(project, ['install', '--prefer-offline', '--no-frozen-lockfile']);
}, 300_000);

afterAll(() => rmSync(project, { recursive: true }));

function readJson<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(join(repository, path), 'utf8')) as Shape;
}

function write(file: string, content: unknown): void {
  writeFileSync(join(project, file), typeof content === 'string' ? content : JSON.stringify(content));
}

function exportNames(module: object): string[] {
  return Object.keys(module).sort();
}

test.each(entries)('%s exports in plain Node what its source exports', async (entry) => {
  const script = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(entry)})).sort()))`;
  const names: unknown = JSON.parse(await run(project, process.execPath, ['--input-type=module', '--eval', script]));
  expect(names).toEqual(exportNames(await import(entry)));
  expect(names).not.toEqual([]);
  console.log(`${entry}: ${(names as string[]).join(', ')}`);
});

test.each(commands)('the command %s runs', async (command) => {
  expect(await run(project, join(project, 'node_modules/.bin', command), ['--help'])).toContain('Usage');
});

test.each(packages)('a debugger finds the sources of $name: in its source maps, or where they point', ({ name }) => {
  const dist = join(project, 'node_modules', name, 'dist');
  const maps = globSync('**/*.js.map', { cwd: dist }).map((file) => join(dist, file));
  expect(maps).not.toEqual([]);
  const missing = maps.flatMap((file) => {
    const map = JSON.parse(readFileSync(file, 'utf8')) as { sources: string[]; sourcesContent?: (string | null)[] };
    const hasSource = (source: string, at: number): boolean =>
      typeof map.sourcesContent?.[at] === 'string' || existsSync(join(dirname(file), source));
    return map.sources.filter((source, at) => !hasSource(source, at));
  });
  expect(missing).toEqual([]);
});

test('everything can be required from CommonJS', async () => {
  const script = `console.log(${JSON.stringify(entries)}.map((entry) => Object.keys(require(entry)).length).join())`;
  const counts = (await run(project, process.execPath, ['--input-type=commonjs', '--eval', script])).trim().split(',');
  expect(counts.map((count) => count !== '0')).toEqual(entries.map(() => true));
});

test('everything can be bundled, and unused entries leave nothing behind', async () => {
  const bundled = async (source: string): Promise<string> => {
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: project },
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
      logLevel: 'silent',
      // What is only there when asked for, or has native parts.
      external: ['cpu-features', 'ssh2', 'prom-client'],
    });
    return outputFiles[0]!.text;
  };
  for (const entry of entries) expect((await bundled(`export * from '${entry}';`)).length).toBeGreaterThan(200);
  // The packages say that they have no side effects; the server is a program and has no entries.
  for (const entry of entries) expect((await bundled(`import '${entry}';`)).length, entry).toBeLessThan(100);
}, 60_000);

test.each(['nodenext', 'bundler'])(
  'a strict consumer compiles against the declarations with module resolution %s',
  async (resolution) => {
    const imports = entries.map((entry, index) => `import * as entry${index} from '${entry}';`);
    const names = await Promise.all(entries.map(async (entry) => exportNames(await import(entry))));
    const uses = names.flatMap((list, index) => list.map((name) => `entry${index}.${name}`));
    write('consumer.ts', `${imports.join('\n')}\nexport const everything: unknown[] = [${uses.join(', ')}];\n`);
    write('tsconfig.json', {
      compilerOptions: {
        target: 'es2024',
        lib: ['es2024', 'esnext.disposable'],
        module: resolution === 'bundler' ? 'esnext' : 'nodenext',
        moduleResolution: resolution,
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noEmit: true,
        // Declarations are what is checked here.
        skipLibCheck: false,
      },
      files: ['consumer.ts'],
    });
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    await expect(run(project, process.execPath, [tsc, '-p', '.'])).resolves.toBe('');
  },
  60_000,
);
