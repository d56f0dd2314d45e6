import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PCR_TICKS_PER_MS, PCR_WRAP } from './packet.ts';
import { Timeline } from './timeline.ts';

test('media time is the sum of the steps, from any start, over the wrap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: PCR_WRAP - 1 }),
      fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 100 }),
      (start, stepsMs) => {
        const timeline = new Timeline();
        let pcr = start;
        timeline.addPcr(0, pcr);
        stepsMs.forEach((step, index) => {
          pcr = (pcr + step * PCR_TICKS_PER_MS) % PCR_WRAP;
          timeline.addPcr((index + 1) * 188, pcr);
        });
        expect(timeline.headMs).toBeCloseTo(stepsMs.reduce((sum, step) => sum + step, 0));
      },
    ),
  );
});

test('the first PCR at or behind a place', () => {
  const timeline = new Timeline();
  expect(timeline.pcrFrom(0)).toBe(-1);
  for (let index = 1; index <= 3; index++) timeline.addPcr(index * 188, index * 1_000);
  expect([0, 188, 189, 376, 564].map((place) => timeline.pcrFrom(place))).toEqual([1_000, 1_000, 2_000, 2_000, 3_000]);
  expect(timeline.pcrFrom(565)).toBe(-1);
});

test('a jump of the clock, either way, is not media', () => {
  const timeline = new Timeline();
  timeline.addPcr(0, 0);
  timeline.addPcr(188, 40 * PCR_TICKS_PER_MS);
  timeline.addPcr(376, 10 ** 11);
  timeline.addPcr(564, 10 ** 11 + 40 * PCR_TICKS_PER_MS);
  timeline.addPcr(752, 0);
  expect(timeline.headMs).toBeCloseTo(80);
});

test("timeAt and offsetAt are each other's inverse at the samples, also after old ones were dropped", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 3_000 }), fc.nat(), (count, drop) => {
      const timeline = new Timeline();
      for (let index = 0; index < count; index++) timeline.addPcr(index * 188, index * 40 * PCR_TICKS_PER_MS);
      const first = drop % count;
      timeline.dropBefore(first * 188);
      for (const index of [first, count - 1, Math.floor((first + count) / 2)]) {
        expect(timeline.timeAt(index * 188)).toBe(index * 40);
        expect(timeline.offsetAt(index * 40)).toBe(index * 188);
        expect(timeline.timeAt(index * 188 + 100)).toBe(index * 40);
      }
      expect(timeline.offsetAt(first * 40 - 1)).toBeUndefined();
    }),
  );
});

test('without a PCR media time is the time of arrival', () => {
  const timeline = new Timeline();
  timeline.addArrival(0, 500);
  timeline.addArrival(188, 620);
  expect(timeline.headMs).toBe(120);
});
