import { type Actual, counts, type Desired, isStarting } from './pool-state.ts';

/** How many engines are to be kept, whatever is asked of them. */
export interface ScaleRules {
  readonly minReplicas: number;
  /** Engines without a lease, in reserve. */
  readonly freeReplicas: number;
  readonly maxReplicas: number;
  readonly maxLeasesPerEngine: number;
  readonly burst: number;
  /** Keeps exactly so many; undefined to follow the demand. */
  readonly fixed: number | undefined;
}

/**
 * The number of engines there should be: the minimum, or those in use and some in reserve, or what those who wait need.
 *
 * A reserve of 0 still looks ahead: one more is made when every engine in use has at most one slot left.
 *
 * @param waiting requests that no engine of now will serve
 */
export function desiredEngines(actual: Pick<Actual, 'engines'>, waiting: number, rules: ScaleRules): Desired {
  const { minReplicas, freeReplicas, maxReplicas: max, maxLeasesPerEngine: slotsPerEngine, burst } = rules;
  const counted = actual.engines.filter(counts);
  const occupied = counted.filter(({ leases }) => leases > 0).length;
  const isNearlyFull =
    occupied > 0 && counted.every(({ leases }) => leases >= Math.max(1, slotsPerEngine - 1) || leases === 0);
  const settled = counted.filter(({ phase }) => !isStarting(phase)).length;
  const wanted = Math.max(
    minReplicas,
    occupied + Math.max(freeReplicas, isNearlyFull ? 1 : 0),
    waiting === 0 ? 0 : settled + Math.ceil(waiting / slotsPerEngine),
  );
  return { engines: Math.min(rules.fixed ?? wanted, max), max, slotsPerEngine, burst };
}
