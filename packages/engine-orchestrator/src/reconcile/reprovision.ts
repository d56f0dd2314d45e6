import { type OrchestratorHooks, tell } from '../hooks.ts';
import type { Clock } from '../time/clock.ts';
import type { ReprovisionStatus } from './provisioning.ts';

/** A rolling replacement that somebody asked for: which engines are still to be replaced. */
export class Reprovision {
  readonly #clock: Clock;
  readonly #hooks: OrchestratorHooks;
  #left = new Set<string>();
  #total = 0;
  #made = 0;
  #startedAt = 0;
  #phase: 'idle' | 'running' | 'done' = 'idle';

  constructor({ clock, hooks }: { readonly clock: Clock; readonly hooks: OrchestratorHooks }) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  get inProgress(): boolean {
    return this.#phase === 'running';
  }

  has(engineId: string): boolean {
    return this.#left.has(engineId);
  }

  start(engineIds: readonly string[]): void {
    this.#left = new Set(engineIds);
    this.#total = engineIds.length;
    this.#made = 0;
    this.#startedAt = this.#clock.now();
    this.#phase = 'running';
    tell(this.#hooks, 'reprovisionStart', { engines: engineIds.length });
  }

  /** An engine was made. */
  made(): void {
    if (this.inProgress) this.#made += 1;
  }

  /** Strikes out what is gone. */
  check(exists: (engineId: string) => boolean, isMaking: boolean): void {
    if (!this.inProgress) return;
    for (const id of this.#left) if (!exists(id)) this.#left.delete(id);
    if (this.#left.size > 0 || isMaking) return;
    this.#phase = 'done';
    tell(this.#hooks, 'reprovisionEnd', { engines: this.#total, durationMs: this.#clock.now() - this.#startedAt });
  }

  /** @param isMoving whether an engine is being made or emptied right now */
  status(isMoving: boolean, blockedBecause: string | undefined): ReprovisionStatus {
    const enginesStopped = this.#total - this.#left.size;
    const phase = this.#phase !== 'running' ? this.#phase : isMoving ? 'replacing' : 'waiting';
    const messages = {
      idle: 'No replacement of all engines was asked for yet.',
      replacing: `${enginesStopped} of ${this.#total} engines are replaced.`,
      waiting: `${enginesStopped} of ${this.#total} engines are replaced; ${blockedBecause ?? 'the streams of the next one have nowhere to go yet'}.`,
      done: `All ${this.#total} engines were replaced.`,
    };
    return Object.freeze({
      inProgress: this.inProgress,
      phase,
      totalEngines: this.#total,
      enginesStopped,
      enginesProvisioned: this.#made,
      message: messages[phase],
    });
  }
}
