import type { RecoveryStats, SpliceKind } from './contract.ts';

/** Recoveries that statistics remember. */
const REMEMBERED = 20;

/** How the recoveries of a session went: the newest ones whole, all of them counted. */
export class RecoveryLog {
  readonly #recoveries: RecoveryStats[] = [];
  readonly #counts: Record<SpliceKind, number> = { exact: 0, gap: 0, cut: 0 };

  get counts(): Readonly<Record<SpliceKind, number>> {
    return this.#counts;
  }

  add(recovery: RecoveryStats): void {
    this.#counts[recovery.splice]++;
    this.#recoveries.push(recovery);
    if (this.#recoveries.length > REMEMBERED) this.#recoveries.shift();
  }

  /** Oldest first; a copy. */
  list(): readonly RecoveryStats[] {
    return Object.freeze([...this.#recoveries]);
  }
}
