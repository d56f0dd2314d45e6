import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLOCK_WRAP } from './timeline.ts';
import { readPcr, readTimestamp, writePcr, writeTimestamp } from './timestamps.ts';

const clock = fc.oneof(
  fc.integer({ min: 0, max: CLOCK_WRAP - 1 }),
  fc.constantFrom(0, 2 ** 30, 2 ** 32, CLOCK_WRAP - 1),
);

test('a PTS reads back as written and keeps its prefix and marker bits', () => {
  fc.assert(
    fc.property(clock, fc.constantFrom(0x21, 0x31, 0x11), (value, prefix) => {
      const bytes = Uint8Array.of(0xee, prefix, 0, 1, 0, 1, 0xee);
      writeTimestamp(bytes, 1, value);
      expect(readTimestamp(bytes, 1)).toBe(value);
      expect([bytes[1]! & 0xf1, bytes[3]! & 1, bytes[5]! & 1]).toEqual([prefix, 1, 1]);
      expect([bytes[0], bytes[6]]).toEqual([0xee, 0xee]);
    }),
  );
});

test('a PCR reads back as written, in ticks of 27 MHz', () => {
  fc.assert(
    fc.property(clock, fc.integer({ min: 0, max: 299 }), (base, extension) => {
      const bytes = new Uint8Array(6);
      writePcr(bytes, 0, base, extension);
      expect(readPcr(bytes, 0)).toBe(base * 300 + extension);
    }),
  );
});

test('the bit layout is that of the standard', () => {
  const pts = new Uint8Array(5).fill(0x21);
  writeTimestamp(pts, 0, 126_000); // as ffmpeg writes 1.4 s
  expect(Buffer.from(pts).toString('hex')).toBe('210007d861');
  const pcr = new Uint8Array(6);
  writePcr(pcr, 0, 63_051, 244);
  expect(Buffer.from(pcr).toString('hex')).toBe('00007b25fef4');
});
