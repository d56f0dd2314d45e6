import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** An example that runs in a process of its own. */
export interface RunningExample {
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** Resolves with its next line; rejects with what it complained about when it ends instead. */
  nextLine(): Promise<string>;
  /** Resolves with the exit code when it has ended by itself. */
  ended(): Promise<number | null>;
  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** A folder that has the examples and installed packages, to run them as published; without it they run from source. */
const installed = process.env['EXAMPLES_FOLDER'];

/** Runs a file of this folder as its reader would. */
export function runExample(file: string, ...args: string[]): RunningExample {
  const [flags, path] =
    installed === undefined
      ? [['--conditions=@acestream-orchestrator/source'], fileURLToPath(new URL(`../${file}`, import.meta.url))]
      : [[], join(installed, file)];
  const child = spawn(process.execPath, [...flags, path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const ended = async (): Promise<number | null> => {
    const [exitCode] = await closed;
    if (complaints !== '') throw new Error(`${file} complained: ${complaints}`);
    return exitCode;
  };
  return {
    lines,
    async nextLine() {
      const printed = once(reader, 'line') as Promise<[string]>;
      const early = closed.then(() => Promise.reject(new Error(`${file} ended early: ${complaints}`)));
      return (await Promise.race([printed, early]))[0];
    },
    ended,
    stop() {
      endProcess(child);
      return ended();
    },
  };
}

function endProcess(child: ChildProcess): void {
  if (child.exitCode === null) child.kill('SIGTERM');
}

/** Starts a server on a free port of this machine. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<string> {
  const server = createServer();
  const { port } = new URL(await listen(server));
  server.close();
  await once(server, 'close');
  return port;
}
