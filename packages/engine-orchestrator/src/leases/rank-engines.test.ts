import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, rankEngines } from './rank-engines.ts';

const plain: Candidate = {
  id: 'm',
  leases: 1,
  maxLeases: 3,
  forwarded: false,
  lastLeaseAt: 100,
  avoided: false,
  contentFailed: false,
  engineFailures: 0,
};

const candidates = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    leases: fc.integer({ min: 0, max: 4 }),
    maxLeases: fc.integer({ min: 1, max: 4 }),
    forwarded: fc.boolean(),
    lastLeaseAt: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    avoided: fc.boolean(),
    contentFailed: fc.boolean(),
    engineFailures: fc.integer({ min: 0, max: 2 }),
  }),
  { selector: ({ id }) => id, maxLength: 8 },
);

describe('rankEngines', () => {
  it.each<[string, Partial<Candidate>, Partial<Candidate>]>([
    ['a lower load', { leases: 0 }, { leases: 1 }],
    ['a lower load in proportion to its slots', { leases: 2, maxLeases: 8 }, { leases: 1, maxLeases: 3 }],
    ['a lower load, rather than a forwarded port', { leases: 0 }, { leases: 1, forwarded: true }],
    ['a forwarded port on a tie of load', { forwarded: true, lastLeaseAt: 200 }, { lastLeaseAt: 100 }],
    ['the least recently used on a tie of both', { lastLeaseAt: 50 }, { lastLeaseAt: 60 }],
    ['one that was never used on a tie of both', { lastLeaseAt: undefined }, { lastLeaseAt: 0 }],
    ['one without recent failures, whatever its load', { leases: 2 }, { leases: 0, engineFailures: 1 }],
    ['fewer recent failures', { engineFailures: 1, leases: 2 }, { engineFailures: 2, leases: 0 }],
    ['one where this content did not fail', { leases: 2, engineFailures: 2 }, { leases: 0, contentFailed: true }],
    ['one that is not avoided, before all else', { contentFailed: true, engineFailures: 9 }, { avoided: true }],
  ])('prefers %s', (_title, better, worse) => {
    // The ids would decide the other way.
    const winner = { ...plain, id: 'z', ...better };
    const loser = { ...plain, id: 'a', ...worse };
    expect(rankEngines([loser, winner])).toEqual([winner, loser]);
  });

  it('neither loses nor adds an engine, and does not touch its input', () => {
    fc.assert(
      fc.property(candidates, (input) => {
        const before = structuredClone(input);
        const ranked = rankEngines(input);
        expect(input).toEqual(before);
        expect(new Set(ranked)).toEqual(new Set(input));
        expect(ranked).toHaveLength(input.length);
      }),
    );
  });

  it('gives the same order whatever the order of the input', () => {
    fc.assert(
      fc.property(
        candidates.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(rankEngines(shuffled)).toEqual(rankEngines(list));
        },
      ),
    );
  });

  it('puts every avoided engine behind every other', () => {
    fc.assert(
      fc.property(candidates, (input) => {
        const avoided = rankEngines(input).map((candidate) => candidate.avoided);
        expect(avoided).toEqual([...avoided].sort((a, b) => Number(a) - Number(b)));
      }),
    );
  });
});
