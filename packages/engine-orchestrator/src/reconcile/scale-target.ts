import type { ScaleSettings } from '../scale-settings.ts';
import type { ScaleRules } from './desired.ts';

/** The number of engines that somebody asked for, on top of the settings. */
export class ScaleTarget {
  readonly #settings: () => ScaleSettings;
  readonly #burst: number;
  /** What manual mode keeps, once that is known. */
  #fixed: number | undefined;
  /** The least that automatic mode keeps. */
  #floor = 0;

  constructor({ settings, burst }: { readonly settings: () => ScaleSettings; readonly burst: number }) {
    this.#settings = settings;
    this.#burst = burst;
  }

  /** Keeps so many engines: exactly in manual mode, at least in automatic mode. */
  set(count: number): void {
    if (this.#settings().mode === 'manual') this.#fixed = count;
    else this.#floor = count;
  }

  /** One engine more, or less, is what manual mode keeps from now on. */
  add(difference: 1 | -1): void {
    if (this.#fixed !== undefined) this.#fixed = Math.max(0, this.#fixed + difference);
  }

  /** The settings have changed: they count from now on. */
  reset(): void {
    if (this.#settings().mode === 'auto') this.#fixed = undefined;
    this.#floor = 0;
  }

  /** Manual mode keeps the number that it finds at first. */
  settle(present: number): void {
    if (this.#settings().mode === 'manual') this.#fixed ??= present;
  }

  /** @param present engines there are now, which is what manual mode keeps until it is known better */
  rules(present: number): ScaleRules {
    const { mode, minReplicas, freeReplicas, maxReplicas, maxLeasesPerEngine } = this.#settings();
    const minimum = mode === 'auto' ? Math.max(minReplicas, this.#floor) : minReplicas;
    return {
      minReplicas: Math.min(minimum, maxReplicas),
      freeReplicas,
      maxReplicas,
      maxLeasesPerEngine,
      burst: this.#burst,
      fixed: mode === 'manual' ? (this.#fixed ?? present) : undefined,
    };
  }
}
