import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LiveWindow } from '../src/live-window.ts';
import { LIMITS, playSteps, steps } from './window-history.ts';

test('whatever happens, sequences never decrease and every listed segment can be had', () => {
  fc.assert(
    fc.property(steps, (history) => {
      let media = 0;
      let discontinuities = 0;
      playSteps(new LiveWindow(), history, (window) => {
        expect(window.mediaSequence).toBeGreaterThanOrEqual(media);
        expect(window.discontinuitySequence).toBeGreaterThanOrEqual(discontinuities);
        media = window.mediaSequence;
        discontinuities = window.discontinuitySequence;
        for (const [index, segment] of window.listed.entries()) {
          expect(segment.number).toBe(media + index);
          expect(window.find(segment.number)).toBe(segment);
        }
      });
    }),
  );
});

test('a discontinuity keeps its sequence number for as long as its segment is listed', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const seen = new Map<number, number>();
      playSteps(new LiveWindow(), history, (window) => {
        let sequence = window.discontinuitySequence;
        for (const { number, discontinuity } of window.listed) {
          if (discontinuity) sequence++;
          expect(seen.get(number) ?? sequence).toBe(sequence);
          seen.set(number, sequence);
        }
      });
    }),
  );
});

test('what is kept is bounded in number and bytes', () => {
  fc.assert(
    fc.property(steps, (history) => {
      playSteps(new LiveWindow(), history, (window) => {
        const kept = window.listed.reduce((sum, { byteLength }) => sum + byteLength, window.open?.byteLength ?? 0);
        expect(window.bytes).toBeGreaterThanOrEqual(kept);
        if (window.open !== undefined || window.listedCount <= LIMITS.minSegments) return;
        expect(window.bytes).toBeLessThanOrEqual(LIMITS.maxBytes);
        const newest = window.listed.slice(1).reduce((sum, { durationMs }) => sum + durationMs, 0);
        expect(window.listedCount <= LIMITS.segments || newest < 5 * LIMITS.targetDurationMs).toBe(true);
      });
    }),
  );
});

const step = { durationMs: 5_000, partMs: 5_000, bytes: 1, discontinuity: false, lost: false, dated: false };

test('eight segments of five seconds are listed, and as many and one more stay when they have left', () => {
  const window = new LiveWindow();
  playSteps(window, Array(100).fill(step), () => {});
  expect([window.listedCount, window.mediaSequence, window.lastNumber]).toEqual([8, 91, 98]);
  expect(window.retired).toBeGreaterThanOrEqual(9);
  expect(window.find(91 - 9)).toBeDefined();
  expect(window.find(0)).toBeUndefined();
  expect(window.retired).toBeLessThanOrEqual(11);
});

test('short segments are listed until they are five target durations', () => {
  const window = new LiveWindow();
  playSteps(window, Array(100).fill({ ...step, durationMs: 1_000 }), () => {});
  expect(window.listedCount).toBe(30);
});

test('a window goes on where the one before it ended, behind a discontinuity', () => {
  const first = new LiveWindow();
  playSteps(first, Array(20).fill({ ...step, discontinuity: true }), () => {});
  const second = new LiveWindow(first.end);
  playSteps(second, Array(4).fill(step), () => {});
  expect(second.mediaSequence).toBe(first.lastNumber + 2);
  expect(second.listed[0]!.discontinuity).toBe(true);
  // The first segment of all cannot have one.
  expect(second.discontinuitySequence).toBe(19);
});
