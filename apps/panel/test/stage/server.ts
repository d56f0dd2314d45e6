import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));

export const key = 'key-of-the-panel-tests';

export interface ServerProcess extends AsyncDisposable {
  readonly origin: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again where it was, after {@link kill}. */
  restart(): Promise<void>;
}

/** The server as a user starts it, with the built page, in a process of its own. Resolves when it listens. */
export async function startServer(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'panel-server-'));
  let child: ChildProcess | undefined;
  const start = async (port: string): Promise<string> => {
    child = spawn(process.execPath, ['--conditions=@acestream-orchestrator/source', main], {
      env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: port, DATA_DIR: dataDir, API_KEY: key, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return listening(child);
  };
  const origin = await start('0');
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    origin,
    kill,
    async restart() {
      await start(new URL(origin).port);
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess): Promise<string> {
  let output = '';
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    output += String(chunk);
    const origin = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
    if (origin === undefined) continue;
    // What it prints from here on nobody reads; a full pipe would stop it.
    child.stdout!.resume();
    return origin;
  }
  throw new Error(`the server ended before it listened: ${output}`);
}
