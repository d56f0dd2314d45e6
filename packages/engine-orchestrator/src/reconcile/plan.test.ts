import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desiredEngines } from './desired.ts';
import { type Action, plan } from './plan.ts';
import { type Actual, type ActualEngine, counts, type Desired, isStarting } from './pool-state.ts';

const slots = 3;

function engine(id: string, fields: Partial<ActualEngine> = {}): ActualEngine {
  return {
    id,
    phase: 'ready',
    leases: 0,
    retiring: false,
    unhurried: false,
    setAside: false,
    outdated: undefined,
    mustBeReplaced: false,
    idleLeftMs: 0,
    replaceLeftMs: 0,
    startLeftMs: 0,
    since: 0,
    ...fields,
  };
}

function actual(engines: readonly ActualEngine[], fields: Partial<Actual> = {}): Actual {
  const open = Number.POSITIVE_INFINITY;
  return {
    engines,
    creating: 0,
    creationsLeft: open,
    replacementsLeft: open,
    cooldownLeftMs: 0,
    pauseLeftMs: 0,
    ...fields,
  };
}

const want = (engines: number, fields: Partial<Desired> = {}): Desired => ({
  engines,
  max: 6,
  slotsPerEngine: slots,
  burst: 2,
  ...fields,
});

const anyEngine = fc.record({
  phase: fc.constantFrom(
    'starting',
    'failed',
    'ready',
    'ready',
    'ready',
    'unhealthy',
    'stopped',
    'removing',
    'restarting',
  ),
  leases: fc.nat(slots),
  retiring: fc.boolean(),
  unhurried: fc.boolean(),
  setAside: fc.nat(9).map((dice) => dice === 0),
  outdated: fc.constantFrom(undefined, undefined, undefined, 'config', 'image', 'network'),
  mustBeReplaced: fc.nat(4).map((dice) => dice === 0),
  idleLeftMs: fc.constantFrom(0, 10_000),
  replaceLeftMs: fc.constantFrom(0, 10_000),
  startLeftMs: fc.constantFrom(0, 10_000),
  since: fc.nat(100),
} as const);

const anyActual: fc.Arbitrary<Actual> = fc
  .record({
    engines: fc.array(anyEngine, { maxLength: 8 }),
    creating: fc.nat(2),
    creationsLeft: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
    replacementsLeft: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
    cooldownLeftMs: fc.constantFrom(0, 10_000),
    pauseLeftMs: fc.constantFrom(0, 500),
  })
  .map((found) => ({
    ...found,
    engines: found.engines.map((each, at) => ({
      ...each,
      id: `e${at}`,
      unhurried: each.retiring && each.unhurried,
      // A process that ended, or never answered, has none.
      leases: ['ready', 'unhealthy', 'removing', 'restarting'].includes(each.phase) ? each.leases : 0,
    })),
  }));

const anyRules = fc
  .record({
    minReplicas: fc.nat(6),
    freeReplicas: fc.nat(3),
    extra: fc.nat(6),
    burst: fc.integer({ min: 1, max: 3 }),
    fixed: fc.constantFrom(undefined, undefined, 0, 2, 5),
  })
  .map(({ extra, ...rules }) => ({ ...rules, maxReplicas: rules.minReplicas + extra, maxLeasesPerEngine: slots }));

/** What is after the actions have been carried out and before anything else happened. */
function apply(before: Actual, actions: readonly Action[]): Actual {
  const engines = new Map(before.engines.map((each) => [each.id, each]));
  let { creationsLeft, replacementsLeft, cooldownLeftMs, pauseLeftMs, creating } = before;
  for (const action of actions) {
    if (action.type === 'create') {
      creating += 1;
      creationsLeft -= 1;
      if (action.purpose === 'replace') replacementsLeft -= 1;
      continue;
    }
    const { reason, engineId } = action;
    if (reason === 'unhealthy') cooldownLeftMs = 60_000;
    if (reason === 'unhealthy' || reason === 'outdated') pauseLeftMs = 1_000;
    if (action.type === 'remove') engines.delete(engineId);
    else engines.set(engineId, { ...engines.get(engineId)!, retiring: true, unhurried: reason === 'outdated' });
  }
  return { engines: [...engines.values()], creating, creationsLeft, replacementsLeft, cooldownLeftMs, pauseLeftMs };
}

const anyCase = fc.tuple(anyActual, anyRules, fc.nat(10));
const check = (property: (actual: Actual, desired: Desired, actions: readonly Action[]) => void): void =>
  fc.assert(
    fc.property(anyCase, ([found, rules, waiting]) => {
      const desired = desiredEngines(found, waiting, rules);
      property(found, desired, plan(found, desired));
    }),
    { numRuns: 3_000 },
  );

describe('a plan, whatever there is and whatever is wanted', () => {
  it('leaves nothing to do once it is carried out', () => {
    check((found, desired, actions) => {
      expect(plan(apply(found, actions), desired)).toEqual([]);
    });
  });

  it('never makes more engines than may exist, or than may start at a time', () => {
    check((found, { max, burst }, actions) => {
      const creates = actions.filter(({ type }) => type === 'create').length;
      if (creates === 0) return;
      const after = apply(found, actions);
      expect(after.engines.length + after.creating).toBeLessThanOrEqual(max);
      const starting = after.engines.filter((each) => counts(each) && isStarting(each.phase)).length;
      expect(starting + after.creating).toBeLessThanOrEqual(burst);
      expect(creates).toBeLessThanOrEqual(found.creationsLeft);
    });
  });

  it('never removes an engine with a reserved slot', () => {
    check((found, _desired, actions) => {
      for (const action of actions) {
        if (action.type !== 'remove') continue;
        expect(found.engines.find(({ id }) => id === action.engineId)?.leases).toBe(0);
      }
    });
  });

  it('never touches an engine that is being removed or restarted, and acts on none twice', () => {
    check((found, _desired, actions) => {
      const ids = actions.flatMap((action) => (action.type === 'create' ? [] : [action.engineId]));
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids)
        expect(found.engines.find((each) => each.id === id)?.phase).not.toMatch(/^(removing|restarting)$/);
    });
  });

  it('replaces one engine at a time, and none while another one goes, but a hung one while a working one waits for its streams', () => {
    check((found, _desired, actions) => {
      const replaced = actions.filter(
        (action) => action.type !== 'create' && (action.reason === 'unhealthy' || action.reason === 'outdated'),
      );
      expect(replaced.length).toBeLessThanOrEqual(1);
      const leaving = found.engines.filter(
        ({ retiring, phase, leases }) => retiring && (phase === 'removing' || leases > 0),
      );
      const isHung = replaced.every((action) => action.type !== 'create' && action.reason === 'unhealthy');
      if (leaving.some(({ unhurried }) => !(unhurried && isHung))) expect(replaced).toEqual([]);
    });
  });

  it('never goes below what is wanted, but for the one engine that has to make room for its successor', () => {
    check((found, desired, actions) => {
      const before = found.engines.filter(counts).length;
      const left = apply(found, actions).engines.filter(counts).length;
      if (left >= before) return;
      const total = found.engines.length + found.creating;
      const hasToMakeRoom = total >= desired.max && actions.some(({ type }) => type === 'create' || type === 'retire');
      expect(left).toBeGreaterThanOrEqual(
        Math.min(before, desired.engines) - (hasToMakeRoom || total >= desired.max ? 1 : 0),
      );
    });
  });

  it('makes nothing while that is blocked', () => {
    check((found, _desired, actions) => {
      if (found.creationsLeft > 0) return;
      expect(actions.filter(({ type }) => type === 'create')).toEqual([]);
    });
  });
});

describe('a plan', () => {
  const create: Action = { type: 'create', purpose: 'scale' };

  it('makes at most a burst at a time', () => {
    expect(plan(actual([]), want(5))).toEqual([create, create]);
    expect(plan(actual([engine('a', { phase: 'starting' })]), want(5))).toEqual([create]);
    expect(plan(actual([], { creating: 2 }), want(5))).toEqual([]);
  });

  it('removes a process that ended and fills its place', () => {
    expect(plan(actual([engine('a', { phase: 'stopped' })]), want(1, { max: 1 }))).toEqual([
      { type: 'remove', engineId: 'a', reason: 'stopped' },
      create,
    ]);
  });

  it('removes idle engines beyond the target, the youngest first, after their grace', () => {
    const engines = [engine('a', { since: 1 }), engine('b', { since: 2 }), engine('c', { since: 3, idleLeftMs: 5 })];
    expect(plan(actual(engines), want(2))).toEqual([{ type: 'remove', engineId: 'b', reason: 'idle' }]);
    expect(plan(actual(engines.map((each) => ({ ...each, idleLeftMs: 5 }))), want(1))).toEqual([]);
  });

  it('keeps idle engines that work while those that would be left do not', () => {
    const engines = [engine('a'), engine('b', { phase: 'unhealthy', replaceLeftMs: 9 })];
    expect(plan(actual(engines), want(1))).toEqual([]);
  });

  it('first makes what replaces a hung engine, then lets that go', () => {
    const hung = engine('a', { phase: 'unhealthy', leases: 1 });
    expect(plan(actual([hung]), want(1))).toEqual([{ type: 'create', purpose: 'replace' }]);
    expect(plan(actual([hung, engine('b', { phase: 'starting' })]), want(1))).toEqual([]);
    expect(plan(actual([hung, engine('b')]), want(1))).toEqual([
      { type: 'retire', engineId: 'a', reason: 'unhealthy' },
    ]);
    expect(plan(actual([{ ...hung, leases: 0 }, engine('b')]), want(1))).toEqual([
      { type: 'remove', engineId: 'a', reason: 'unhealthy' },
    ]);
  });

  it('where there is no room for both, removes a hung engine first', () => {
    const hung = engine('a', { phase: 'unhealthy' });
    expect(plan(actual([hung]), want(1, { max: 1 }))).toEqual([
      { type: 'remove', engineId: 'a', reason: 'unhealthy' },
      { type: 'create', purpose: 'replace' },
    ]);
    expect(plan(actual([hung], { creationsLeft: 0 }), want(1, { max: 1 }))).toEqual([]);
    expect(plan(actual([hung], { cooldownLeftMs: 1 }), want(1, { max: 1 }))).toEqual([]);
  });

  it('replaces an outdated engine with streams only when asked, and when they have somewhere to go', () => {
    const busy = engine('a', { outdated: 'config', leases: 2 });
    const full = engine('b', { leases: 2 });
    expect(plan(actual([busy, full]), want(2, { max: 2 }))).toEqual([]);
    const asked = { ...busy, mustBeReplaced: true };
    expect(plan(actual([asked, full]), want(2, { max: 2 }))).toEqual([]);
    expect(plan(actual([asked, { ...full, leases: 1 }]), want(2, { max: 2 }))).toEqual([
      { type: 'retire', engineId: 'a', reason: 'outdated' },
    ]);
  });

  it('replaces an outdated engine that nobody uses by itself, but not for a newer image', () => {
    expect(plan(actual([engine('a', { outdated: 'config' })]), want(1))).toEqual([
      { type: 'create', purpose: 'replace' },
    ]);
    expect(plan(actual([engine('a', { outdated: 'image' })]), want(1))).toEqual([]);
  });

  it('removes an engine whose network is gone at once, after its streams have moved', () => {
    expect(plan(actual([engine('a', { outdated: 'network', leases: 1 })]), want(1))).toEqual([
      { type: 'retire', engineId: 'a', reason: 'network_gone' },
      create,
    ]);
  });
});

describe('the number of engines', () => {
  const rules = {
    minReplicas: 1,
    freeReplicas: 1,
    maxReplicas: 6,
    maxLeasesPerEngine: slots,
    burst: 2,
    fixed: undefined,
  };
  const of = (engines: readonly ActualEngine[], waiting = 0, changed = {}): number =>
    desiredEngines({ engines }, waiting, { ...rules, ...changed }).engines;

  it('is the minimum, or those in use and some in reserve, never above the maximum', () => {
    expect(of([])).toBe(1);
    expect(of([engine('a', { leases: 1 })])).toBe(2);
    expect(of([engine('a', { leases: 1 }), engine('b', { leases: 3 }), engine('c')])).toBe(3);
    expect(of(Array.from({ length: 6 }, (_, at) => engine(`${at}`, { leases: 3 })))).toBe(6);
    expect(of([], 0, { minReplicas: 0, freeReplicas: 0 })).toBe(0);
  });

  it('without a reserve looks ahead once an engine is nearly full, and makes exactly one', () => {
    const none = { freeReplicas: 0 };
    expect(of([engine('a', { leases: 1 })], 0, none)).toBe(1);
    expect(of([engine('a', { leases: 2 })], 0, none)).toBe(2);
    expect(of([engine('a', { leases: 2 }), engine('b', { phase: 'starting' })], 0, none)).toBe(2);
    expect(of([engine('a', { leases: 2 }), engine('b', { leases: 1 })], 0, none)).toBe(2);
  });

  it('grows by what those who wait need beyond what starts already', () => {
    const full = engine('a', { leases: 3 });
    expect(of([full], 7)).toBe(4);
    expect(of([full, engine('b', { phase: 'starting' })], 3)).toBe(2);
    expect(of([full], 100)).toBe(6);
    expect(of([engine('a', { phase: 'unhealthy' })], 1)).toBe(2);
  });

  it('is what somebody fixed', () => {
    expect(of([engine('a', { leases: 3 })], 9, { fixed: 2 })).toBe(2);
    expect(of([], 0, { fixed: 0 })).toBe(0);
    expect(of([], 0, { fixed: 9 })).toBe(6);
  });
});
