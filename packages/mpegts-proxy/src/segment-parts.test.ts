import { openPlayout, resolveContentId } from '@acestream-orchestrator/engine-simulator';
import { expect, test } from 'vitest';
import { collect, cut, partDurations, SIX_SECONDS } from '../test/cuts.ts';
import { PACKET_BYTES } from './packet.ts';
import { SegmentCutter } from './segment-cutter.ts';
import { transportStream } from './testing.ts';

test('parts are at most as long as asked for and, where frames allow it, at least 85 % of that', () => {
  for (const fps of [24, 25, 29.97, 30, 50, 60]) {
    const frameMs = 1_000 / fps;
    const cuts = cut(
      transportStream({ durationMs: frameMs * fps * 20, gopMs: frameMs * 30, frameMs, packetsPerFrame: 1 }),
    );
    for (const { parts, durationMs } of cuts.slice(0, -1)) {
      for (const part of parts) expect(part.durationMs).toBeLessThanOrEqual(351);
      for (const part of parts.slice(0, -1)) expect(part.durationMs).toBeGreaterThanOrEqual(0.85 * 350);
      expect(parts.reduce((sum, part) => sum + part.durationMs, 0)).toBeCloseTo(durationMs!, 3);
    }
  }
});

test('where units have no even length, a part still does not become too long', () => {
  const radio = openPlayout(resolveContentId('8'.repeat(40))!);
  const bytes = radio.read(radio.offsetAt(1.7e12), Math.round((radio.bytesPerSecond * 30) / 188) * 188);
  for (const segment of cut(bytes)) for (const part of segment.parts) expect(part.durationMs).toBeLessThanOrEqual(351);
});

test('parts are out while the segment goes on', () => {
  const stream = transportStream({ durationMs: 4_000 });
  const cutter = new SegmentCutter(SIX_SECONDS);
  const [segment] = collect(cutter.push(stream, 0));
  expect(segment!.durationMs).toBeUndefined();
  expect(partDurations(segment!).slice(0, 11)).toEqual(new Array(11).fill(320));
});

test('parts of an even stream are views of the memory they came in', () => {
  const stream = transportStream({ durationMs: 9_000 });
  const runs = [stream.subarray(0, 100 * PACKET_BYTES), stream.subarray(100 * PACKET_BYTES)];
  for (const { parts } of cut(runs)) {
    for (const [index, { data }] of parts.entries()) {
      const views = index === 0 ? data.slice(1) : data;
      expect(views).toHaveLength(1);
      expect(views[0]!.buffer).toBe(stream.buffer);
    }
  }
});
