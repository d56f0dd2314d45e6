import type { Engine } from './engine.ts';

export type ProbeResult =
  | { readonly ok: true; readonly version?: string; readonly platform?: string }
  | {
      readonly ok: false;
      /** What was asked and what came back, for people. */
      readonly reason: string;
    };

/**
 * Asks one engine whether it can work. Called for every engine in parallel, each with its own time limit:
 * `signal` aborts when that is over. A rejection counts as `{ ok: false }` with the error's message.
 */
export type Probe = (engine: Engine, options: { readonly signal: AbortSignal }) => Promise<ProbeResult>;
