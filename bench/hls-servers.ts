import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { distIsCurrent } from './servers.ts';
import type { Stage } from './stage.ts';

const START_LIMIT_MS = 20_000;

/** A process of ours with a port. */
export interface Running extends AsyncDisposable {
  readonly child: Child;
  readonly port: number;
}

/** HlsProxy in a process of its own. */
export async function startHlsProxy({ options }: Stage, args: readonly string[]): Promise<Running> {
  const condition = (await distIsCurrent('hls-proxy')) ? [] : ['--conditions=@acestream-orchestrator/source'];
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  return started('servers/hls-ours.ts', [...condition, ...profiling], args);
}

/** A live playlist over HTTP, and the same in a folder. */
export async function startOrigin(bitsPerSecond: number): Promise<Running & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-hls-'));
  // nginx reads it as another user.
  await chmod(folder, 0o755);
  const running = await started(
    'servers/hls-origin.ts',
    [],
    ['--folder', folder, '--bits-per-second', `${bitsPerSecond}`],
  );
  return {
    ...running,
    folder,
    async [Symbol.asyncDispose]() {
      await running.child.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function started(file: string, flags: readonly string[], args: readonly string[]): Promise<Running> {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const child = new Child(file, process.execPath, [...flags, script, ...args]);
  try {
    const { port } = await child.saying('port', START_LIMIT_MS);
    return { child, port: port as number, [Symbol.asyncDispose]: () => child.end() };
  } catch (error) {
    await child.end();
    throw error;
  }
}
