import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:<port>`, once it listens. */
  readonly origin: string;
  readonly dataDir: string;
  output(): string;
  readonly exited: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null; atMs: number }>;
}

export interface Exit {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const nodeArgs = ['--conditions=@acestream-orchestrator/source', main];

/** The server as a user starts it, in a process of its own on a free port. Resolves when it listens. */
export async function spawnServer(
  env: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<ServerProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'server-'));
  const child = spawn(process.execPath, [...nodeOptions, ...nodeArgs], {
    env: { PATH: process.env['PATH'], PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = new Promise<Awaited<ServerProcess['exited']>>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, atMs: performance.now() }));
  });
  const { promise: listening, resolve: listens } = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
      const origin = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (origin !== undefined) listens(origin);
    });
  }
  const ended = exited.then(() => Promise.reject(new Error(`the server ended before it listened: ${output}`)));
  const origin = await Promise.race([listening, ended]);
  ended.catch(() => {});
  return {
    child,
    origin,
    dataDir,
    exited,
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs the command line to its end; one that does not end is killed, so that nothing stays behind. */
export function runServer(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Exit> {
  const child = spawn(process.execPath, [...nodeArgs, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
