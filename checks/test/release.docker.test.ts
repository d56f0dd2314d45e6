import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalRegistry, startLocalRegistry } from '../src/local-registry.ts';
import { pnpm, run } from '../src/pnpm.ts';
import { publishedPackages } from '../src/published-packages.ts';
import { repository } from '../src/repository.ts';
import { startServer } from '../src/server-process.ts';

/**
 * A release, played through: every package is packed and published to a registry on this machine, and an empty project
 * installs them from there as a stranger would. The examples and the server then run from that project.
 */
const packages = publishedPackages();
/** What a package may weigh when it is packed, in bytes: code, sources, source maps and manual. */
const mostPackedBytes = 160_000;
const mostPackedBytesOf: Readonly<Record<string, number>> = {
  '@acestream-orchestrator/engine-orchestrator': 265_000,
  // It carries the loops that it plays.
  '@acestream-orchestrator/engine-simulator': 6_500_000,
  // It carries the panel.
  '@acestream-orchestrator/server': 2_500_000,
};

let folder: string;
let project: string;
let registry: LocalRegistry;
let tarballs: readonly {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { path: string }[];
}[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  project = join(folder, 'project');
  for (const each of ['registry', 'tarballs', 'project']) mkdirSync(join(folder, each));
  const filters = packages.flatMap(({ name }) => ['--filter', name]);
  const packed = await pnpm(repository, [
    '-r',
    ...filters,
    'pack',
    '--json',
    '--pack-destination',
    join(folder, 'tarballs'),
  ]);
  tarballs = JSON.parse(packed) as typeof tarballs;
  registry = await startLocalRegistry(join(folder, 'registry'));
  const { host } = new URL(registry.url);
  const settings = `@acestream-orchestrator:registry=${registry.url}/\n//${host}/:_authToken=anybody\n`;
  for (const each of ['tarballs', 'project']) writeFileSync(join(folder, each, '.npmrc'), settings);
  for (const { filename } of tarballs) {
    await run(join(folder, 'tarballs'), 'npm', ['publish', filename, '--access', 'public', '--no-provenance']);
  }
}, 300_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test.each(packages)('$name carries what it needs, says what it is, and no more', ({ name, folder: source }) => {
  const { filename, files } = tarballs.find((tarball) => tarball.name === name)!;
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']));
  expect(paths.filter((path) => /\.test\.ts$|^test\/|\.tsbuildinfo$|^\.|node_modules|\.heavy\./.test(path))).toEqual(
    [],
  );
  expect(readFileSync(filename).length).toBeLessThan(mostPackedBytesOf[name] ?? mostPackedBytes);
  const manifest = JSON.parse(readFileSync(join(repository, source, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  expect(manifest).toMatchObject({
    license: 'MIT',
    repository: { directory: source },
    publishConfig: { access: 'public', provenance: true },
  });
  for (const field of ['description', 'keywords', 'engines', 'files']) expect(manifest[field], field).toBeDefined();
});

test('an empty project installs all of them, and every example runs there', async () => {
  const examples = join(repository, 'examples');
  const manifest = JSON.parse(readFileSync(join(examples, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const wanted = { ...manifest.devDependencies, ...manifest.dependencies };
  const dependencies = Object.fromEntries(
    Object.entries({ ...wanted, '@acestream-orchestrator/server': 'workspace:*' }).map(([name, range]) => [
      name,
      range.startsWith('workspace:') ? 'latest' : range,
    ]),
  );
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  writeFileSync(join(project, 'pnpm-workspace.yaml'), 'strictDepBuilds: false\nminimumReleaseAge: 0\n');
  await pnpm(project, ['install', '--prefer-offline', '--no-frozen-lockfile']);
  const files = readdirSync(examples).filter((file) => file.endsWith('.ts') && !file.includes('.config.'));
  for (const file of files) cpSync(join(examples, file), join(project, file));
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  for (const tier of ['test', 'heavy', 'docker']) {
    const report = await run(examples, process.execPath, [vitest, 'run', '--no-color', '--mode', tier], {
      env: { EXAMPLES_FOLDER: project, TEST_RESULTS_DIR: '' },
    });
    // Without a Docker daemon its examples are skipped, on a machine that is not CI's.
    expect(report).toMatch(tier === 'docker' ? /Tests +\d+ (passed|skipped)/ : /Tests +\d+ passed/);
  }
}, 300_000);

test('the installed server starts, plays a channel, and stops when told', async () => {
  await using server = await startServer([join(project, 'node_modules/.bin/acestream-orchestrator')]);
  const channel = await fetch(`${server.origin}/ace/getstream?id=${'1'.repeat(40)}`);
  expect(channel.headers.get('content-type')).toBe('video/mp2t');
  const reader = channel.body!.getReader();
  expect((await reader.read()).value?.[0]).toBe(0x47);
  await reader.cancel();
  expect(await server.stop()).toBe(0);
}, 60_000);
