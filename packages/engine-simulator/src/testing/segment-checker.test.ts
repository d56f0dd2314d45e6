import { expect, test } from 'vitest';
import { resolveContentId } from '../channels.ts';
import { openPlayout } from '../playout/open-playout.ts';
import { type CheckedSegment, SegmentChecker, type SegmentFault } from './segment-checker.ts';

/** Whole loops: they begin with SDT, PAT, PMT and a keyframe; the SDT is cut off, null packets taken out. */
function loops(digit: string, count: number): CheckedSegment[] {
  const playout = openPlayout(resolveContentId(digit.repeat(40))!);
  return Array.from({ length: count }, (_, sequence) => {
    const bytes = playout.read((1_000_000 + sequence) * playout.loopBytes, playout.loopBytes);
    const kept: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 188) {
      const pid = ((bytes[at + 1]! & 0x1f) << 8) | bytes[at + 2]!;
      if (pid !== 0x1fff && pid !== 0x11) kept.push(bytes.subarray(at, at + 188));
    }
    const durationMs = (playout.loopBytes / playout.bytesPerSecond) * 1_000;
    return { sequence, durationMs, discontinuity: false, bytes: new Uint8Array(Buffer.concat(kept)) };
  });
}

function kindsOf(segments: readonly CheckedSegment[]): SegmentFault['kind'][] {
  const checker = new SegmentChecker();
  for (const segment of segments) checker.push(segment);
  return checker.finish().faults.map(({ kind }) => kind);
}

test('nothing is wrong with segments that are right, video and radio', () => {
  expect(kindsOf(loops('1', 4))).toEqual([]);
  expect(kindsOf(loops('8', 4))).toEqual([]);
});

test('a segment that is missing is a gap, unless a discontinuity says so', () => {
  const [first, , third] = loops('1', 3);
  expect(kindsOf([first!, { ...third!, sequence: 1 }])).toEqual(['gap']);
  expect(kindsOf([first!, { ...third!, sequence: 1, discontinuity: true }])).toEqual([]);
  expect(kindsOf([first!, third!])).toEqual(['order', 'gap']);
});

test('a discontinuity where nothing is missing is needless', () => {
  const [first, second] = loops('1', 2);
  expect(kindsOf([first!, { ...second!, discontinuity: true }])).toEqual(['needless']);
});

test('a duration that is a frame off passes, more does not', () => {
  const [first, second] = loops('1', 2);
  expect(kindsOf([{ ...first!, durationMs: first!.durationMs + 40 }, second!])).toEqual([]);
  expect(kindsOf([{ ...first!, durationMs: first!.durationMs + 60 }, second!])).toEqual(['duration']);
});

test('a segment that begins with something else than PAT, PMT and a keyframe is told', () => {
  const [first, second] = loops('1', 2);
  expect(kindsOf([{ ...first!, bytes: first!.bytes.subarray(188) }, second!])).toContain('start');
  expect(kindsOf([{ ...first!, bytes: first!.bytes.subarray(188 * 40) }, second!])).toContain('start');
});

test('lost packets and null packets are told', () => {
  const [first] = loops('1', 1);
  const { bytes } = first!;
  const torn = Buffer.concat([bytes.subarray(0, 188 * 100), bytes.subarray(188 * 101)]);
  expect(kindsOf([{ ...first!, bytes: torn }])).toEqual(['damage']);
  const padding = new Uint8Array(188).fill(0xff);
  padding.set([0x47, 0x1f, 0xff, 0x10]);
  expect(kindsOf([{ ...first!, bytes: Buffer.concat([bytes, padding]) }])).toEqual(['padding']);
});
