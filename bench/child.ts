import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';

/** How long a process gets to end by itself once told to. */
const END_GRACE_MS = 3_000;

/** A process that says what it does in lines of JSON. */
export class Child implements AsyncDisposable {
  readonly pid: number;
  /** Every line so far, parsed. */
  readonly said: Readonly<Record<string, unknown>>[] = [];
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #listeners = new Set<() => void>();
  #running = true;

  constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    this.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.pid = this.#process.pid ?? 0;
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.said.push(JSON.parse(line) as Record<string, unknown>);
      this.#tell();
    });
    this.#exited = new Promise((resolve) => {
      const ended = (): void => {
        this.#running = false;
        this.#tell();
        resolve();
      };
      this.#process.once('close', ended);
      this.#process.once('error', ended);
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Sends a signal that the process answers with a line that has a field. */
  async ask(signal: NodeJS.Signals, field: string, limitMs: number): Promise<Readonly<Record<string, unknown>>> {
    const saidBefore = this.said.length;
    this.#process.kill(signal);
    return this.saying(field, limitMs, saidBefore);
  }

  /**
   * The first line that has a field, said already (from line `from` on) or still to come. Rejects when time is up or
   * the process ends.
   */
  async saying(field: string, limitMs: number, from = 0): Promise<Readonly<Record<string, unknown>>> {
    const stop = AbortSignal.timeout(limitMs);
    for (;;) {
      const line = this.said.slice(from).find((said) => field in said);
      if (line !== undefined) return line;
      if (!this.#running) throw new Error(`${this.#name} ended without saying "${field}"`);
      if (stop.aborted) throw new Error(`${this.#name} did not say "${field}" within ${limitMs} ms`);
      await this.#change(stop);
    }
  }

  #change(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#listeners.delete(done);
        stop.removeEventListener('abort', done);
        resolve();
      };
      this.#listeners.add(done);
      stop.addEventListener('abort', done, { once: true });
    });
  }

  /** Tells the process to end, and ends it when it does not. */
  async end(): Promise<void> {
    if (this.#running) this.#process.kill('SIGTERM');
    const grace = new AbortController();
    const inTime = await Promise.race([
      this.#exited.then(() => true),
      after(END_GRACE_MS, false, { signal: grace.signal }).catch(() => true),
    ]);
    grace.abort();
    if (!inTime) this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
