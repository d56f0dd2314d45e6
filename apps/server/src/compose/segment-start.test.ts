import { expect, it } from 'vitest';
import { millisecondsBetween, segmentStart } from './segment-start.ts';

/** A transport packet with a PES of this presentation time in ticks of 90 kHz. */
function packet(pts: number, streamId = 0xe0, adaptationBytes = 0): Uint8Array {
  const bytes = new Uint8Array(188).fill(0xff);
  bytes.set([0x47, 0x41, 0x00, adaptationBytes === 0 ? 0x10 : 0x30]);
  if (adaptationBytes > 0) bytes.set([adaptationBytes - 1, 0], 4);
  const high = Math.floor(pts / 2 ** 30);
  const low = pts % 2 ** 30;
  bytes.set(
    [
      ...[0, 0, 1, streamId, 0, 0, 0x80, 0x80, 5, 0x21 | (high << 1)],
      ...[low >> 22, ((low >> 14) & 0xfe) | 1, (low >> 7) & 0xff, ((low << 1) & 0xfe) | 1],
    ],
    4 + adaptationBytes,
  );
  return bytes;
}

it('reads any timestamp of 33 bits, behind an adaptation field as well', () => {
  for (const pts of [0, 1, 90_000, 2 ** 30 - 1, 2 ** 30, 2 ** 32 + 12_345, 2 ** 33 - 1]) {
    expect([pts, segmentStart([packet(pts)])]).toEqual([pts, pts]);
    expect(segmentStart([packet(pts, 0xe5, 20)])).toBe(pts);
  }
});

it('goes by the first picture, and by the first sound where there are no pictures', () => {
  const bytes = Buffer.concat([packet(900, 0xc0), packet(800, 0xc0), packet(700), packet(600)]);
  expect(segmentStart([bytes])).toBe(700);
  expect(segmentStart([bytes.subarray(0, 376)])).toBe(900);
});

it('gives the same however the bytes are split', () => {
  const bytes = Buffer.concat([packet(900, 0xc0), packet(700)]);
  for (const at of [1, 100, 188, 200, 375]) expect(segmentStart([bytes.subarray(0, at), bytes.subarray(at)])).toBe(700);
});

it('knows nothing of what is no transport stream', () => {
  expect(segmentStart([])).toBeUndefined();
  expect(segmentStart([Buffer.from('segment 1')])).toBeUndefined();
  expect(segmentStart([new Uint8Array(1_000)])).toBeUndefined();
});

it('measures the shorter way round the wrap', () => {
  expect(millisecondsBetween(2 ** 33 - 90, 90)).toBe(2);
  expect(millisecondsBetween(90, 2 ** 33 - 90)).toBe(-2);
  expect(millisecondsBetween(180, 90_180)).toBe(1_000);
});
