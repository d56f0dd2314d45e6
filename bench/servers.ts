import { accessSync, constants } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';
import { Child } from './child.ts';
import type { BenchOptions } from './command-line.ts';
import type { NativePrograms } from './native-programs.ts';
import { NGINX, startNginx } from './nginx-relay.ts';
import type { LoopDelay, Relay, RunningServer, ServerUnderTest } from './server-under-test.ts';

/** Time within which a server says its port. */
const START_LIMIT_MS = 20_000;

/** The servers of this machine: ours, and the references beside it. */
export async function serversUnderTest(programs: NativePrograms, options: BenchOptions): Promise<ServerUnderTest[]> {
  const sourceUrl = (relay: Relay): string => `http://127.0.0.1:${relay.sourcePort}`;
  const condition = (await distIsCurrent()) ? [] : ['--conditions=@acestream-orchestrator/source'];
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const node = (file: string, flags: readonly string[], args: readonly string[]): Promise<RunningServer> =>
    started(new Child(file, process.execPath, [...flags, script(file), ...args]), true);
  const fanout = (relay: Relay, args: readonly string[]): Promise<RunningServer> =>
    started(
      new Child('fanout', programs.fanout, ['--source-port', `${relay.sourcePort}`, '--path', '/live0', ...args]),
      false,
    );
  const servers: ServerUnderTest[] = [
    {
      name: 'ours',
      manyStreams: true,
      start: (relay, settings = options.settings) =>
        node('servers/ours.ts', [...condition, ...profiling], ['--source', sourceUrl(relay), '--settings', settings]),
    },
    {
      name: 'pipe',
      manyStreams: true,
      start: (relay) => node('servers/naive-pipe.ts', [], ['--source', sourceUrl(relay)]),
    },
    { name: 'c', manyStreams: false, start: (relay) => fanout(relay, []) },
    { name: 'c-batched', manyStreams: false, start: (relay) => fanout(relay, batchOf(relay.clients, options)) },
  ];
  if (isExecutable(NGINX)) servers.push({ name: 'nginx', manyStreams: true, start: startNginx });
  const wanted = options.servers;
  return wanted.length === 0 ? servers : servers.filter((server) => wanted.includes(server.name));
}

/** Whether our server runs from its build or, where that is missing or older, from its source. */
export async function distIsCurrent(name = 'mpegts-proxy'): Promise<boolean> {
  const root = new URL(`../packages/${name}/`, import.meta.url);
  const built = await stat(new URL('dist/index.js', root)).catch(() => undefined);
  if (built === undefined) return false;
  const sources = await readdir(new URL('src/', root), { recursive: true });
  const changed = await Promise.all(sources.map((file) => stat(new URL(`src/${file}`, root))));
  return changed.every(({ mtimeMs }) => mtimeMs < built.mtimeMs);
}

/** The batch of our proxy for so many clients (see its flusher.ts), for the reference that batches as much. */
function batchOf(clients: number, options: BenchOptions): string[] {
  const settings = JSON.parse(options.settings) as ConstructorParameters<typeof MpegTsProxy>[0];
  const { batch } = new MpegTsProxy({ ...settings, open: () => Promise.reject(new Error('never opened')) }).settings;
  const share = Math.min(1, Math.max(0, (clients - 20) / (200 - 20)));
  return ['--batch-ms', `${batch.minMs + (batch.maxMs - batch.minMs) * share}`, '--max-bytes', `${batch.maxBytes}`];
}

async function started(child: Child, hasLoop: boolean): Promise<RunningServer> {
  try {
    const { port } = await child.saying('port', START_LIMIT_MS);
    return {
      pid: child.pid,
      port: port as number,
      // servers/loop-delay.ts prints exactly the fields of LoopDelay.
      loopDelay: async () =>
        hasLoop ? ((await child.ask('SIGUSR2', 'loopDelayP99Ms', START_LIMIT_MS)) as unknown as LoopDelay) : undefined,
      [Symbol.asyncDispose]: () => child.end(),
    };
  } catch (error) {
    await child.end();
    throw error;
  }
}

function script(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
