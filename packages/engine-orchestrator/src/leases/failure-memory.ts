import type { LeaseOutcome } from './lease.ts';

interface Failure {
  readonly engineId: string;
  /** Every name of the content. */
  readonly names: ReadonlySet<string>;
  readonly kind: Exclude<LeaseOutcome, 'ok'>;
  readonly forgottenAt: number;
}

/** An engine on which so many different contents failed is to blame itself. */
const contentsOfBadEngine = 3;
/** More are never remembered; the oldest go first. */
const maxFailures = 2_000;

/**
 * Remembers for a while what failed where, and decides from that whether the content or the engine was to blame: a
 * content that failed on several engines is held against none of them, and an engine on which several contents failed
 * that work elsewhere has failed itself.
 */
export class FailureMemory {
  readonly #memoryMs: number;
  /** Oldest first. */
  #failures: Failure[] = [];

  constructor(memoryMs: number) {
    this.#memoryMs = memoryMs;
  }

  failed(engineId: string, names: Iterable<string>, kind: Failure['kind'], now: number): void {
    this.#forget(now);
    this.#failures.push({ engineId, names: new Set(names), kind, forgottenAt: now + this.#memoryMs });
    if (this.#failures.length > maxFailures) this.#failures.shift();
  }

  /** Failures that are the engine's own. */
  engineFailures(engineId: string, now: number): number {
    this.#forget(now);
    const own = this.#failures.filter((failure) => failure.engineId === engineId && !this.#failedElsewhere(failure));
    const hard = own.filter(({ kind }) => kind === 'engine-bad').length;
    const soft = distinctContents(own.filter(({ kind }) => kind !== 'engine-bad'));
    return hard + (soft < contentsOfBadEngine ? 0 : soft);
  }

  hasContentFailed(engineId: string, names: Iterable<string>, now: number): boolean {
    this.#forget(now);
    const wanted = [...names];
    return this.#failures.some(
      (failure) => failure.engineId === engineId && wanted.some((name) => failure.names.has(name)),
    );
  }

  /** Engines that said of a content that it is dead. */
  deadOn(names: Iterable<string>, now: number): readonly string[] {
    this.#forget(now);
    const wanted = [...names];
    const said = this.#failures.filter(
      ({ kind, names: of }) => kind === 'content-dead' && wanted.some((name) => of.has(name)),
    );
    return [...new Set(said.map(({ engineId }) => engineId))];
  }

  #failedElsewhere({ engineId, names }: Failure): boolean {
    return this.#failures.some((other) => other.engineId !== engineId && overlap(other.names, names));
  }

  #forget(now: number): void {
    const [oldest] = this.#failures;
    if (oldest === undefined || oldest.forgottenAt > now) return;
    this.#failures = this.#failures.filter(({ forgottenAt }) => forgottenAt > now);
  }
}

function distinctContents(failures: readonly Failure[]): number {
  const seen: ReadonlySet<string>[] = [];
  for (const { names } of failures) if (!seen.some((other) => overlap(other, names))) seen.push(names);
  return seen.length;
}

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const name of one) if (other.has(name)) return true;
  return false;
}
