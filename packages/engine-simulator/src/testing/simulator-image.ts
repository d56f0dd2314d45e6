import { createHash } from 'node:crypto';
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageFile } from '../package-file.ts';
import { runProcess } from './run-process.ts';

/** Options of `simulatorImage`. */
export interface SimulatorImageOptions {
  /** Of the daemon that is to have it, as in `DOCKER_HOST`. Default that of the environment. */
  readonly dockerHost?: string;
}

/** The engine's program in the image, where an image of the real engine has it. */
const LAUNCHER = 'acestream/acestreamengine';
/** Changes with what is put beside the sources. */
const LAYOUT = '1';

/**
 * Makes a container image of the simulator without a registry and without a base image: this Node, the shared libraries
 * it needs, and the simulator's own files. One that was made from the same files is taken again, so a whole test run
 * makes it once. Needs a Docker daemon, its command-line client, tar and ldd.
 *
 * The image starts the engine with `/acestream/acestreamengine <flags>`.
 *
 * @returns the name of the image, `acestream-simulator:<hash>`.
 */
export async function simulatorImage({ dockerHost }: SimulatorImageOptions = {}): Promise<string> {
  const env = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  const image = `acestream-simulator:${await fingerprint()}`;
  if ((await runProcess('docker', ['image', 'inspect', image], { env })).exitCode === 0) return image;
  const folder = await mkdtemp(join(tmpdir(), 'simulator-image-'));
  try {
    const root = join(folder, 'root');
    await writeRoot(root);
    const archive = join(folder, 'root.tar');
    await succeed('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive, '.']);
    const command = JSON.stringify([`/${LAUNCHER}`, '--client-console', '--bind-all']);
    await succeed('docker', ['import', '--change', `CMD ${command}`, archive, image], env);
  } finally {
    await rm(folder, { recursive: true });
  }
  return image;
}

/** Sources are run by Node as they are; a build has them in fewer files. */
function programFolder(): 'src' | 'dist' {
  return import.meta.url.endsWith('.ts') ? 'src' : 'dist';
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(`${LAYOUT} ${process.version} ${process.arch}`);
  for (const folder of [programFolder(), 'media']) {
    const files = await readdir(packageFile(folder), { recursive: true, withFileTypes: true });
    const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
    for (const path of paths.sort()) hash.update(path.slice(packageFile().length)).update(await readFile(path));
  }
  return hash.digest('hex').slice(0, 12);
}

async function writeRoot(root: string): Promise<void> {
  const program = programFolder();
  for (const folder of ['bin', 'tmp', 'simulator', dirname(LAUNCHER)])
    await mkdir(join(root, folder), { recursive: true });
  await copyFile(process.execPath, join(root, 'bin/node'));
  for (const library of await sharedLibraries(process.execPath)) {
    await mkdir(join(root, dirname(library)), { recursive: true });
    await copyFile(library, join(root, library));
  }
  for (const part of [program, 'media', 'package.json']) {
    await cp(packageFile(part), join(root, 'simulator', part), { recursive: true });
  }
  const entry = `/simulator/${program}/cli.${program === 'src' ? 'ts' : 'js'}`;
  await writeFile(join(root, LAUNCHER), `#!/bin/node\nimport('${entry}');\n`);
  await chmod(join(root, LAUNCHER), 0o755);
  await chmod(join(root, 'tmp'), 0o1777);
}

/** Paths in the lines of `ldd`, the loader's included; the kernel's own has none. */
async function sharedLibraries(program: string): Promise<readonly string[]> {
  const listing = await succeed('ldd', [program]);
  return [...listing.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
}

async function succeed(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await runProcess(command, args, { env });
  if (exitCode === 0) return stdout;
  throw new Error(`${command} ${args[0]} ended with ${exitCode}: ${stderr.trim()}`);
}
