import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServerProcess extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Asks it to stop and gives its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the server on a free port, with a data folder of its own, and resolves when it listens. */
export async function startServer(
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'server-'));
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let output = '';
  const listening = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
        const origin = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
        if (origin !== undefined) resolve(origin);
      });
    }
  });
  const failed = exited.then(() => Promise.reject(new Error(`the server ended before it listened: ${output}`)));
  const origin = await Promise.race([listening, failed]);
  failed.catch(() => {});
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    return (await exited)[0];
  };
  return {
    origin,
    stop,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
