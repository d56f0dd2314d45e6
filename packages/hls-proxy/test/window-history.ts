import fc from 'fast-check';
import type { LiveWindow, WindowLimits } from '../src/live-window.ts';
import type { Segment } from '../src/segment-source.ts';

/** Something that happens to a window. */
export interface Step {
  readonly durationMs: number;
  readonly partMs: number;
  readonly bytes: number;
  readonly discontinuity: boolean;
  readonly lost: boolean;
  readonly dated: boolean;
}

export const LIMITS: WindowLimits = { segments: 8, minSegments: 3, maxBytes: 60_000, targetDurationMs: 6_000 };

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    durationMs: fc.integer({ min: 100, max: 6_000 }),
    partMs: fc.integer({ min: 284, max: 333 }),
    bytes: fc.integer({ min: 1, max: 5_000 }),
    discontinuity: fc.boolean(),
    lost: fc.boolean(),
    dated: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

/** Plays steps into a window in real time, the last segment left open, and looks at it after each change. */
export function playSteps(window: LiveWindow, history: readonly Step[], look: (window: LiveWindow) => void): void {
  let nowMs = 0;
  for (const [index, step] of history.entries()) {
    const stored = window.begin(segmentOf(index, step), step.discontinuity);
    for (let leftMs = step.durationMs; leftMs > 0; leftMs -= step.partMs) {
      const data = [new Uint8Array(step.bytes)];
      window.addPart(stored, {
        durationMs: Math.min(leftMs, step.partMs),
        independent: leftMs === step.durationMs,
        ...{ data, byteLength: step.bytes },
      });
      look(window);
    }
    if (index === history.length - 1) return;
    nowMs += step.durationMs;
    window.settle(stored, { state: step.lost ? 'lost' : 'complete', durationMs: step.durationMs, nowMs }, LIMITS);
    look(window);
  }
}

function segmentOf(sequence: number, { discontinuity, dated }: Step): Segment {
  return {
    ...{ sequence, discontinuity, programDateTimeMs: dated ? 1_700_000_000_000 + sequence * 5_000 : undefined },
    parts: (async function* () {})(),
    done: Promise.resolve({ durationMs: 0 }),
  };
}
