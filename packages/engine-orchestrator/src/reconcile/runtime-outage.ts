import { type OrchestratorHooks, tell } from '../hooks.ts';
import type { Clock } from '../time/clock.ts';
import { readFailure } from './read-failure.ts';

/** Whether the runtime can be listed. While it cannot, nothing is concluded from what is known of the engines. */
export class RuntimeOutage {
  readonly #clock: Clock;
  readonly #hooks: OrchestratorHooks;
  #current: { readonly message: string; readonly isLasting: boolean; readonly since: number } | undefined;

  constructor({ clock, hooks }: { readonly clock: Clock; readonly hooks: OrchestratorHooks }) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** Why the runtime cannot be listed; undefined while it can. */
  get message(): string | undefined {
    return this.#current?.message;
  }

  /** Whether it will not be possible before somebody changes something. */
  get isLasting(): boolean {
    return this.#current?.isLasting ?? false;
  }

  /** A listing failed. */
  failed(error: unknown): void {
    const { message, retryable } = readFailure(error);
    this.#current = { message, isLasting: !retryable, since: this.#current?.since ?? this.#clock.now() };
  }

  /** A listing succeeded. */
  ended(): void {
    if (this.#current === undefined) return;
    tell(this.#hooks, 'runtimeRecovered', { downMs: this.#clock.now() - this.#current.since });
    this.#current = undefined;
  }
}
