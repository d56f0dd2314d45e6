import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { packageFile } from '../package-file.ts';
import { collect, ended } from './run-process.ts';

/** Options of `spawnSimulator`. */
export interface SpawnSimulatorOptions {
  /** Further command-line arguments, as a user would type them. */
  readonly args?: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gives up and kills the process. */
  readonly signal?: AbortSignal;
}

/** A simulator in a process of its own. */
export interface SimulatorProcess extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` of the engine's HTTP API. */
  readonly url: string;
  /** `http://127.0.0.1:<port>` of the control API. */
  readonly controlUrl: string;
  readonly pid: number;
  /** Sends a signal, `SIGTERM` by default, and does not wait. */
  kill(signal?: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  readonly exited: Promise<{ readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it printed on stderr so far. */
  stderr(): string;
}

/**
 * Runs the simulator's command line as a real process on free ports of 127.0.0.1. Disposing of it kills it and waits.
 *
 * @throws Error when the process ends before it says its ports; the message holds its stderr.
 */
export async function spawnSimulator(options: SpawnSimulatorOptions = {}): Promise<SimulatorProcess> {
  options.signal?.throwIfAborted();
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fromSource
    ? ['--conditions=@acestream-orchestrator/source', packageFile('src', 'cli.ts')]
    : [packageFile('dist', 'cli.js')];
  const args = [...entry, '--ready-json', '--http-port', '0', '--control-port', '0', ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const stderr = collect(child.stderr);
  const exited = ended(child);
  exited.catch(() => {}); // handled below, or by whoever waits for it
  const abort = (): void => void child.kill('SIGKILL');
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const line = await Promise.race([firstLine(child.stdout), exited.then(() => undefined)]);
    options.signal?.throwIfAborted();
    if (line === undefined) throw new Error(`the simulator ended before it was ready: ${stderr().trim()}`);
    child.stdout.resume();
    const { port, controlPort } = JSON.parse(line) as { port: number; controlPort: number };
    const kill = (signal: NodeJS.Signals = 'SIGTERM'): void => void child.kill(signal);
    return {
      url: `http://127.0.0.1:${port}`,
      controlUrl: `http://127.0.0.1:${controlPort}`,
      pid: child.pid!,
      kill,
      exited,
      stderr,
      [Symbol.asyncDispose]: async () => {
        kill('SIGKILL');
        await exited;
      },
    };
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  const lines = createInterface({ input: stream });
  for await (const line of lines) return line;
  return undefined;
}
