import type { StreamContent } from '../streams/stream-book.ts';

/** What an attempt to play a content goes through, in this order. */
export const stages = ['lease', 'load', 'peers', 'first_byte', 'keyframe'] as const;

/**
 * - `lease`: a place on an engine; `load`: the engine takes the content; `peers`: what the engine says while it has sent
 *   nothing yet; `first_byte`: media arrives; `keyframe`: players can begin.
 */
export type Stage = (typeof stages)[number];

export interface Step {
  readonly stage: Stage;
  /** Since the attempt began. */
  readonly atMs: number;
  readonly ok: boolean;
  readonly engine: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly peers: number | undefined;
}

export type Outcome = 'trying' | 'played' | 'failed' | 'left';

/** More would be a stream that finds no end; the first and the last ones tell most. */
const maxSteps = 100;

export interface AttemptStart {
  readonly streamKey: string;
  readonly content: StreamContent;
  /** Whether players had media before, and another source was looked for. */
  readonly isRecovery: boolean;
  /** Unix milliseconds. */
  readonly at: number;
}

/** One attempt to play a content, from the first engine that was asked to bytes or to giving up. */
export class Attempt {
  readonly streamKey: string;
  readonly content: StreamContent;
  readonly isRecovery: boolean;
  readonly startedAt: number;
  readonly steps: Step[] = [];
  /** Requests that failed with it. */
  readonly requestIds: string[] = [];
  infohash: string | undefined;
  outcome: Outcome = 'trying';
  endedAt: number | undefined;
  code: string | undefined;
  message: string | undefined;
  readonly #now: () => number;

  constructor({ streamKey, content, isRecovery, at }: AttemptStart, now: () => number) {
    this.streamKey = streamKey;
    this.content = content;
    this.isRecovery = isRecovery;
    this.startedAt = at;
    this.#now = now;
  }

  step(stage: Stage, ok: boolean, details: Partial<Pick<Step, 'engine' | 'code' | 'message' | 'peers'>> = {}): void {
    if (this.steps.length >= maxSteps) return;
    const { engine, code, message, peers } = details;
    this.steps.push({ stage, atMs: this.#now() - this.startedAt, ok, engine, code, message, peers });
  }

  /** Media arrived. */
  played(engine: string): void {
    if (this.outcome === 'played') return;
    this.step('first_byte', true, { engine });
    this.#end('played');
  }

  /** Nobody waits for it any more. */
  left(): void {
    if (this.outcome === 'trying') this.#end('left');
  }

  failed(code: string, message: string): void {
    if (this.outcome === 'played') return;
    this.code = code;
    this.message = message;
    this.#end('failed');
  }

  #end(outcome: Outcome): void {
    this.outcome = outcome;
    this.endedAt = this.#now();
  }

  /** The peers that an engine spoke of last. */
  get peers(): number | undefined {
    return this.steps.findLast(({ peers }) => peers !== undefined)?.peers;
  }
}
