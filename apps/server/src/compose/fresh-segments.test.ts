import type { Part, Segment } from '@acestream-orchestrator/hls-proxy';
import { describe, expect, it } from 'vitest';
import { freshSegments } from './fresh-segments.ts';

const second = 90_000;

/** A segment of MPEG-TS with one picture; without a start it is no MPEG-TS. */
function segment(sequence: number, startSeconds: number | undefined, durationMs = 5_000): Segment {
  const data = Buffer.alloc(188, 0xff);
  if (startSeconds !== undefined) {
    data.set([0x47, 0x41, 0, 0x10, 0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5]);
    const pts = (startSeconds * second + 2 ** 33) % 2 ** 33;
    const low = pts % 2 ** 30;
    data.set([0x21 | (Math.floor(pts / 2 ** 30) << 1), low >> 22, ((low >> 14) & 0xfe) | 1], 13);
    data.set([(low >> 7) & 0xff, ((low << 1) & 0xfe) | 1], 16);
  }
  async function* parts(): AsyncGenerator<Part, void, undefined> {
    yield { durationMs, independent: true, data: [data], byteLength: data.length };
  }
  const shared = { discontinuity: false, programDateTimeMs: undefined, done: Promise.resolve({ durationMs }) };
  return { ...shared, sequence, parts: parts(), expectedDurationMs: durationMs };
}

/** Numbers of the segments that come through, and of those at which it had caught up. */
async function pass(
  segments: readonly Segment[],
  positionSeconds: number | undefined,
): Promise<{ fresh: number[]; caughtUpBefore: number | undefined }> {
  const fresh: number[] = [];
  let caughtUpBefore: number | undefined;
  async function* source(): AsyncGenerator<Segment, void, undefined> {
    yield* segments;
  }
  const options = {
    position: () => (positionSeconds === undefined ? undefined : positionSeconds * second),
    onCaughtUp() {
      caughtUpBefore ??= fresh.length;
    },
  };
  for await (const { segment: each } of freshSegments(source(), options)) {
    for await (const { byteLength } of each.parts) expect(byteLength).toBe(188);
    fresh.push(each.sequence);
  }
  return { fresh, caughtUpBefore };
}

const six = (from: number): Segment[] => Array.from({ length: 6 }, (_, at) => segment(at, from + at * 5));

describe('freshSegments', () => {
  it('gives everything where viewers have nothing yet', async () => {
    expect((await pass(six(100), undefined)).fresh).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('begins where viewers are: with the segment that has the place in it, or the one behind it', async () => {
    expect((await pass(six(100), 115)).fresh).toEqual([3, 4, 5]);
    expect((await pass(six(100), 115.1)).fresh).toEqual([3, 4, 5]);
    expect((await pass(six(100), 117)).fresh).toEqual([3, 4, 5]);
    expect((await pass(six(100), 119.9)).fresh).toEqual([4, 5]);
  });

  it('has caught up when what comes next is new, although nothing new has come', async () => {
    expect(await pass(six(100), 130)).toEqual({ fresh: [], caughtUpBefore: 0 });
    expect(await pass(six(100), 134)).toEqual({ fresh: [], caughtUpBefore: 0 });
    expect(await pass(six(100), 136)).toEqual({ fresh: [], caughtUpBefore: undefined });
  });

  it('goes on over the wrap of timestamps', async () => {
    expect((await pass(six(-10), 5)).fresh).toEqual([3, 4, 5]);
  });

  it('takes another time base for new', async () => {
    expect((await pass(six(100), 5_000)).fresh).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await pass(six(5_000), 100)).fresh).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes what it cannot read for new, and leaves nothing out after the first that is', async () => {
    const mixed = [segment(0, 100), segment(1, undefined), segment(2, 100), segment(3, 105)];
    expect((await pass(mixed, 200)).fresh).toEqual([1, 2, 3]);
  });

  it('does not wait for ever for an engine that stays behind', async () => {
    const twelve = Array.from({ length: 12 }, (_, at) => segment(at, at * 5));
    expect((await pass(twelve, 100)).fresh).toEqual([8, 9, 10, 11]);
  });
});
