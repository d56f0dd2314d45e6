import type { Clock, CloseReason, OpenContext, OpenSource, Source } from './contract.ts';
import { SourceError } from './errors.ts';
import { type PumpEvents, SourcePump } from './source-pump.ts';

export interface OpenOptions {
  readonly key: string;
  /** Name of the source where the opener gives none. */
  readonly defaultId: string;
  readonly failed: OpenContext['failed'];
  readonly beside?: OpenContext['beside'];
  readonly moving: boolean;
  readonly hedge: boolean;
  readonly clock: Clock;
  readonly firstByteMs: number;
  readonly firstByteCapMs: number;
  readonly stallMs: number;
  /** Gives the attempt up. */
  readonly signal: AbortSignal;
  readonly closeFailed: (source: string, error: unknown) => void;
}

/** A source that is being read: from the opener's answer until {@link close}. */
export class OpenedSource {
  readonly id: string;
  readonly #source: Source;
  readonly #pump: SourcePump;
  readonly #closeFailed: OpenOptions['closeFailed'];
  readonly #release: () => void;
  #closing: Promise<void> | undefined;

  constructor(source: Source, pump: SourcePump, options: OpenOptions, release: () => void) {
    this.#source = source;
    this.id = source.id ?? options.defaultId;
    this.#pump = pump;
    this.#closeFailed = options.closeFailed;
    this.#release = release;
  }

  get paused(): boolean {
    return this.#pump.paused;
  }

  pause(): void {
    this.#pump.pause();
  }

  resume(): void {
    this.#pump.resume();
  }

  start(): void {
    this.#pump.start();
  }

  /** Stops reading and tells the source, once. Never rejects. */
  close(reason: CloseReason): Promise<void> {
    this.#pump.stop();
    this.#closing ??= closeSource(this.#source, reason)
      .catch((error: unknown) => this.#closeFailed(this.id, error))
      .finally(this.#release);
    return this.#closing;
  }
}

/**
 * Calls the opener and gets its source ready to be read. The deadline for the first byte runs from here, through the
 * opener's own time; when it passes, the attempt ends as `no-data`.
 *
 * @throws what the opener rejects with; {@link SourceError} `no-data` at the deadline; the signal's reason on abort
 */
export async function openSource(open: OpenSource, options: OpenOptions, events: PumpEvents): Promise<OpenedSource> {
  const attempt = new AbortController();
  const deadline = new FirstByteDeadline(options, (error) => attempt.abort(error));
  const forward = (): void => attempt.abort(options.signal.reason);
  if (options.signal.aborted) forward();
  else options.signal.addEventListener('abort', forward, { once: true });
  const settled = (): void => {
    deadline.clear();
    options.signal.removeEventListener('abort', forward);
  };
  try {
    const opening = callOpener(open, options, attempt.signal, deadline);
    const source = asSource(await orAbort(opening, attempt.signal));
    let waiting = true;
    const finish = (end: Parameters<PumpEvents['end']>[0]): void => {
      if (waiting) settled();
      waiting = false;
      pump.stop();
      events.end(end);
    };
    const pump = new SourcePump(
      source.chunks,
      {
        chunk(chunk) {
          if (waiting && chunk.length > 0) {
            waiting = false;
            settled();
            pump.armStall();
          }
          events.chunk(chunk);
        },
        stalled: () => events.stalled(),
        end: finish,
      },
      options,
    );
    attempt.signal.addEventListener('abort', () => {
      const error: unknown = attempt.signal.reason;
      if (waiting) finish({ reason: error instanceof SourceError ? error.reason : 'refused', error });
    });
    // An opener that has nothing but its signal (a plain fetch) lets go of its connection by it.
    return new OpenedSource(source, pump, options, () => attempt.abort(new DOMException('Closed', 'AbortError')));
  } catch (error) {
    settled();
    throw error;
  }
}

async function callOpener(
  open: OpenSource,
  options: OpenOptions,
  signal: AbortSignal,
  deadline: FirstByteDeadline,
): Promise<Awaited<ReturnType<OpenSource>>> {
  const opened = await open(options.key, {
    signal,
    failed: options.failed,
    hedge: options.hedge,
    moving: options.moving,
    ...(options.beside ? { beside: options.beside } : {}),
    extend: (ms) => deadline.extend(ms),
  });
  if (!signal.aborted) return opened;
  // Too late: nobody takes it any more.
  await closeSource(asSource(opened), 'unused').catch((error: unknown) => options.closeFailed(options.key, error));
  throw signal.reason;
}

function asSource(opened: Awaited<ReturnType<OpenSource>>): Source {
  if ('chunks' in opened) return opened;
  if (Symbol.asyncIterator in opened) return { chunks: opened };
  throw new TypeError('open() must resolve with a Source, an async iterable or a ReadableStream');
}

async function closeSource(source: Source, reason: CloseReason): Promise<void> {
  await source.close?.(reason);
}

/** Settles with the promise, or rejects when the signal aborts: an opener that ignores its signal holds nobody up. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

class FirstByteDeadline {
  readonly #clock: Clock;
  readonly #latestMs: number;
  readonly #expire: () => void;
  #cancel: () => void;

  constructor(options: OpenOptions, expired: (error: SourceError) => void) {
    this.#clock = options.clock;
    this.#latestMs = options.clock.now() + options.firstByteCapMs;
    this.#expire = () =>
      expired(new SourceError('no-data', 'timeout', `No first byte of ${options.key} within the time allowed`));
    this.#cancel = this.#clock.after(options.firstByteMs, this.#expire);
  }

  extend(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(Math.max(0, Math.min(ms, this.#latestMs - this.#clock.now())), this.#expire);
  }

  clear(): void {
    this.#cancel();
    this.extend = () => {};
  }
}
