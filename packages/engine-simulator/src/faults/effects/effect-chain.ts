import type { Playout } from '../../playout/playout.ts';
import { PACKET_BYTES } from '../../playout/timeline.ts';
import type { AnyActiveFault } from '../active-fault.ts';
import type { FaultSet } from '../fault-set.ts';
import { createEffect, type EffectContext } from './create-effect.ts';
import type { StreamEffect, StreamTarget } from './stream-effect.ts';

/** A fault seen on this stream; it begins when its `afterBytes` and `afterMs` have passed. */
interface Entry {
  readonly fault: AnyActiveFault;
  readonly beginsAtBytes: number;
  readonly beginsAtMs: number;
  effect: StreamEffect | undefined;
}

/** The stream faults at work on one stream, kept in step with the faults set on the engine. */
export class EffectChain {
  readonly #faults: FaultSet;
  readonly #target: StreamTarget;
  #entries: readonly Entry[] = [];
  #seenVersion = -1;
  #decorated:
    | { readonly base: Playout; readonly effects: readonly StreamEffect[]; readonly playout: Playout }
    | undefined;

  constructor(faults: FaultSet, target: StreamTarget) {
    this.#faults = faults;
    this.#target = target;
  }

  /** Notices faults set and cleared, and begins those whose time has come. */
  update(context: EffectContext): void {
    if (this.#seenVersion !== this.#faults.version) this.#refresh(context.nowMs);
    for (const entry of this.#entries) {
      if (!entry.effect && !entry.fault.spent && this.#isDue(entry, context.nowMs)) {
        entry.fault.meet();
        entry.effect = createEffect(entry.fault, this.#target, context);
      }
      entry.effect?.step?.(context.nowMs);
    }
  }

  /** How many bytes may be sent before a fault has to begin. */
  get allowanceBytes(): number {
    let allowance = Number.POSITIVE_INFINITY;
    for (const { fault, effect, beginsAtBytes } of this.#entries) {
      if (effect || fault.spent) continue;
      const left = beginsAtBytes - this.#target.bytesSent;
      if (left > 0) allowance = Math.min(allowance, left);
      else if (fault.name === 'reset-mid-packet') allowance = Math.min(allowance, PACKET_BYTES / 2);
    }
    return allowance;
  }

  dueMs(dueMs: number, nowMs: number): number {
    return this.#entries.reduce((due, { effect }) => effect?.dueMs?.(due, nowMs) ?? due, dueMs);
  }

  /** What plays in place of the content, if anything does. */
  replacement(nowMs: number): Playout | undefined {
    return this.#entries.map(({ effect }) => effect?.replacement?.(nowMs)).findLast((playout) => playout !== undefined);
  }

  /** `base` with the changes that faults make to its bytes. The same object until the faults at work change. */
  decorate(base: Playout): Playout {
    const effects = this.#entries.map(({ effect }) => effect).filter((effect) => effect?.decorate !== undefined);
    const known = this.#decorated;
    if (
      known?.base === base &&
      known.effects.length === effects.length &&
      effects.every((effect, i) => effect === known.effects[i])
    ) {
      return known.playout;
    }
    const playout = effects.reduce<Playout>((inner, effect) => effect?.decorate?.(inner) ?? inner, base);
    this.#decorated = { base, effects: effects.filter((effect) => effect !== undefined), playout };
    return playout;
  }

  #refresh(nowMs: number): void {
    this.#seenVersion = this.#faults.version;
    const inForce = this.#faults.forStream(this.#target.infohash);
    // One set for this content takes the place of one set for all.
    const replaced = (fault: AnyActiveFault): boolean =>
      inForce.some((other) => other.name === fault.name && other !== fault);
    const kept = this.#entries.filter(({ fault }) => !fault.cleared && !replaced(fault));
    const added = inForce
      .filter((fault) => !kept.some((entry) => entry.fault === fault))
      .map((fault) => ({
        fault,
        beginsAtBytes: this.#target.bytesSent + (fault.reach.afterBytes ?? 0),
        beginsAtMs: nowMs + (fault.reach.afterMs ?? 0),
        effect: undefined,
      }));
    this.#entries = [...kept, ...added];
  }

  #isDue({ fault, beginsAtBytes, beginsAtMs }: Entry, nowMs: number): boolean {
    if (this.#target.bytesSent < beginsAtBytes || nowMs < beginsAtMs) return false;
    return fault.name !== 'reset-mid-packet' || this.#target.offset % PACKET_BYTES !== 0;
  }
}
