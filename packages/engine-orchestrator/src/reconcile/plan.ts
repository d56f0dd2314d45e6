import { type Actual, type ActualEngine, counts, type Desired, isStarting } from './pool-state.ts';

export type RemoveReason =
  /** Its process ended. */
  | 'stopped'
  /** It did not become ready in time. */
  | 'start_failed'
  /** It was emptied to be replaced or removed. */
  | 'emptied'
  | 'network_gone'
  | 'unhealthy'
  | 'outdated'
  /** There are more engines than needed. */
  | 'idle'
  /** Somebody asked for it. */
  | 'request';

export type Action =
  | { readonly type: 'create'; readonly purpose: 'scale' | 'replace' }
  /** Takes an engine out of service for good: its leases move, then it is removed. */
  | { readonly type: 'retire'; readonly engineId: string; readonly reason: 'unhealthy' | 'outdated' | 'network_gone' }
  /** Only ever of an engine without a lease. */
  | { readonly type: 'remove'; readonly engineId: string; readonly reason: RemoveReason };

/**
 * What has to be done to get from what is to what should be. Pure; what it does not do now it does when called again
 * after the pool, or the time, has changed. After all of it has been done, the next plan is empty.
 */
export function plan(actual: Actual, desired: Desired): Action[] {
  const draft = new Draft(actual, desired);
  for (const engine of actual.engines) draft.clear(engine);
  draft.replaceOne();
  draft.scaleDown();
  draft.scaleUp();
  return draft.actions;
}

/** A plan in the making: `kept` are the engines that will be left. */
class Draft {
  readonly actions: Action[] = [];
  readonly #actual: Actual;
  readonly #desired: Desired;
  readonly #kept: Set<ActualEngine>;
  #target: number;
  #purpose: 'scale' | 'replace' = 'scale';

  constructor(actual: Actual, desired: Desired) {
    this.#actual = actual;
    this.#desired = desired;
    this.#kept = new Set(actual.engines);
    this.#target = desired.engines;
  }

  /** What is no use to anybody goes in any case. */
  clear(engine: ActualEngine): void {
    const { phase, leases, retiring, outdated } = engine;
    if (phase === 'removing' || phase === 'restarting') return;
    if (outdated === 'network' && !retiring) return this.#letGo(engine, 'network_gone');
    if (leases > 0) return;
    if (phase === 'stopped') this.#remove(engine, 'stopped');
    else if (phase === 'failed') this.#remove(engine, 'start_failed');
    else if (retiring) this.#remove(engine, 'emptied');
  }

  /** One engine at a time: first its replacement, where there is room for both, then its end. */
  replaceOne(): void {
    const candidate = this.#candidate();
    if (candidate === undefined || this.#starting() > 0) return;
    const isUnhealthy = candidate.phase === 'unhealthy';
    // One whose streams find no other place may keep them for hours, for which a hung one does not wait.
    if (this.#count(({ retiring, unhurried }) => retiring && !(isUnhealthy && unhurried)) > 0) return;
    const reason = isUnhealthy ? 'unhealthy' : 'outdated';
    // The streams of one that works need places elsewhere.
    const isFree = isUnhealthy || candidate.leases <= this.#slotsBeside(candidate);
    const hasRoom = this.#total() < this.#desired.max;
    if (this.#counted() > this.#target) {
      if (isFree) this.#letGo(candidate, reason);
    } else if (this.#counted() === this.#target || !hasRoom) {
      if (Math.min(this.#actual.replacementsLeft, this.#actual.creationsLeft) < 1) return;
      this.#purpose = 'replace';
      if (hasRoom) this.#target += 1;
      else if (isFree) this.#letGo(candidate, reason);
    }
  }

  /** Idle engines beyond the target go, as long as enough of those that work are left. */
  scaleDown(): void {
    const idle = [...this.#kept]
      .filter((engine) => counts(engine) && engine.phase === 'ready' && engine.leases === 0 && engine.idleLeftMs <= 0)
      .sort(byUselessness);
    for (const engine of idle) if (this.#ready() > this.#target) this.#remove(engine, 'idle');
  }

  scaleUp(): void {
    const { max, burst } = this.#desired;
    const { creationsLeft, replacementsLeft, creating } = this.#actual;
    const allowed = this.#purpose === 'replace' ? Math.min(creationsLeft, replacementsLeft) : creationsLeft;
    const missing = this.#target - this.#counted() - creating;
    const count = Math.min(missing, max - this.#total(), burst - this.#starting(), allowed);
    for (let made = 0; made < count; made++) this.actions.push({ type: 'create', purpose: this.#purpose });
  }

  /** The engine that should be replaced first. */
  #candidate(): ActualEngine | undefined {
    const { cooldownLeftMs, pauseLeftMs } = this.#actual;
    const replaceable = [...this.#kept].filter(counts);
    const unhealthy = replaceable.filter(({ phase, replaceLeftMs }) => phase === 'unhealthy' && replaceLeftMs <= 0);
    if (unhealthy.length > 0 && cooldownLeftMs <= 0) return unhealthy.sort(byAge)[0];
    if (pauseLeftMs > 0) return undefined;
    const outdated = replaceable.filter(
      ({ mustBeReplaced, outdated: why, leases, idleLeftMs }) =>
        mustBeReplaced || (why === 'config' && leases === 0 && idleLeftMs <= 0),
    );
    return outdated.sort((one, other) => one.leases - other.leases || byAge(one, other))[0];
  }

  #slotsBeside(candidate: ActualEngine): number {
    const { slotsPerEngine } = this.#desired;
    let slots = 0;
    for (const engine of this.#kept) {
      if (engine !== candidate && engine.phase === 'ready' && counts(engine)) slots += slotsPerEngine - engine.leases;
    }
    return slots;
  }

  #letGo(engine: ActualEngine, reason: 'unhealthy' | 'outdated' | 'network_gone'): void {
    if (engine.leases === 0) return this.#remove(engine, reason);
    this.#kept.delete(engine);
    this.#kept.add({ ...engine, retiring: true, unhurried: reason === 'outdated' });
    this.actions.push({ type: 'retire', engineId: engine.id, reason });
  }

  #remove(engine: ActualEngine, reason: RemoveReason): void {
    this.#kept.delete(engine);
    this.actions.push({ type: 'remove', engineId: engine.id, reason });
  }

  #total(): number {
    return this.#kept.size + this.#actual.creating;
  }

  #counted(): number {
    return this.#count(counts);
  }

  #ready(): number {
    return this.#count((engine) => counts(engine) && engine.phase === 'ready');
  }

  #starting(): number {
    return this.#actual.creating + this.#count((engine) => counts(engine) && isStarting(engine.phase));
  }

  #count(matches: (engine: ActualEngine) => boolean): number {
    return [...this.#kept].filter(matches).length;
  }
}

function byUselessness(one: ActualEngine, other: ActualEngine): number {
  const outdated = Number(other.outdated !== undefined) - Number(one.outdated !== undefined);
  return outdated || other.since - one.since || byId(one, other);
}

function byAge(one: ActualEngine, other: ActualEngine): number {
  return one.since - other.since || byId(one, other);
}

function byId(one: ActualEngine, other: ActualEngine): number {
  return one.id < other.id ? -1 : Number(one.id > other.id);
}
