import { ActiveFault, type AnyActiveFault } from './active-fault.ts';
import { FAULT_NAMES, FAULT_TABLE, type FaultName, isFaultName } from './fault-table.ts';
import { type FaultReach, type FaultSettings, resolveSettings } from './resolve-settings.ts';

/** A fault that is set, as JSON. */
export interface FaultState extends FaultReach {
  readonly name: FaultName;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** How many requests or readers it has met. */
  readonly met: number;
}

/** Faults of one engine, switchable while it runs. */
export interface Faults {
  /**
   * Sets a fault, replacing one of the same name and infohash. Takes effect at once, on running streams too.
   * Throws `TypeError` or `RangeError` for an unknown name or wrong parameters.
   */
  set<N extends FaultName>(name: N, settings?: FaultSettings<N>): void;
  /**
   * Clears one fault (all of its name, or the one set for an infohash), or all of them.
   * Resolves when the engine is itself again: listening, if it was not.
   */
  clear(name?: FaultName, reach?: { readonly infohash?: string }): Promise<void>;
  /** The faults that are set, spent ones included. */
  list(): readonly FaultState[];
}

const EVERYWHERE = '';
type FaultsByName = { readonly [N in FaultName]: Map<string, ActiveFault<N>> };

/** What a set of faults needs of its engine. */
export interface FaultHooks {
  /** Unix ms. */
  now(): number;
  /** A fault was set or cleared. */
  changed(name: FaultName): void;
  /** Resolves when the engine does what the faults say. */
  settled(): Promise<void>;
}

/** The faults set on one engine. For one content, a fault set for its infohash goes before one set for all. */
export class FaultSet implements Faults {
  readonly #byName = Object.fromEntries(FAULT_NAMES.map((name) => [name, new Map()])) as unknown as FaultsByName;
  readonly #hooks: FaultHooks;
  /** Goes up with every change, so that readers notice without looking through all. */
  version = 0;

  constructor(hooks: FaultHooks) {
    this.#hooks = hooks;
  }

  set<N extends FaultName>(name: N, settings: FaultSettings<N> = {}): void {
    if (!isFaultName(name))
      throw new TypeError(`there is no fault "${String(name)}"; there are ${FAULT_NAMES.join(', ')}`);
    const { parameters, reach } = resolveSettings(name, settings);
    const scope = reach.infohash ?? EVERYWHERE;
    this.#byName[name].get(scope)?.clear();
    this.#byName[name].set(scope, new ActiveFault(name, parameters, reach, this.#hooks.now()));
    this.#hasChanged(name);
  }

  async clear(name?: FaultName, reach: { readonly infohash?: string } = {}): Promise<void> {
    for (const candidate of name === undefined ? FAULT_NAMES : [name]) {
      const faults = this.#byName[candidate];
      const scopes = reach.infohash === undefined ? [...faults.keys()] : [reach.infohash.toLowerCase()];
      for (const scope of scopes) {
        faults.get(scope)?.clear();
        if (faults.delete(scope)) this.#hasChanged(candidate);
      }
    }
    await this.#hooks.settled();
  }

  list(): readonly FaultState[] {
    return FAULT_NAMES.flatMap((name) =>
      [...this.#byName[name].values()].map(({ parameters, reach, met }) => ({
        name,
        parameters: { ...parameters },
        ...reach,
        met,
      })),
    );
  }

  /** The fault in force for a content (or for the engine), without counting it as met. */
  peek<N extends FaultName>(name: N, infohash?: string): ActiveFault<N> | undefined {
    const faults = this.#byName[name];
    if (faults.size === 0) return undefined;
    const own = infohash === undefined ? undefined : faults.get(infohash);
    if (own && !own.spent) return own;
    const general = faults.get(EVERYWHERE);
    return general && !general.spent ? general : undefined;
  }

  /** The fault in force, counted as met. */
  take<N extends FaultName>(name: N, infohash?: string): ActiveFault<N> | undefined {
    const fault = this.peek(name, infohash);
    fault?.meet();
    return fault;
  }

  /** The stream faults in force for a content, in the order of their numbers. */
  forStream(infohash: string): readonly AnyActiveFault[] {
    return FAULT_NAMES.filter((name) => FAULT_TABLE[name].scope === 'stream')
      .map((name) => this.peek(name, infohash) as AnyActiveFault | undefined)
      .filter((fault) => fault !== undefined);
  }

  #hasChanged(name: FaultName): void {
    this.version += 1;
    this.#hooks.changed(name);
  }
}
