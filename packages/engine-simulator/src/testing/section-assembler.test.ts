import { expect, test } from 'vitest';
import { parsePat, parsePmt, SectionAssembler } from './section-assembler.ts';

/** A section of 300 bytes, as the payloads of two packets. */
const long = Buffer.alloc(300, 0xaa);
long.set([0x02, 0xb0 | ((300 - 3) >> 8), (300 - 3) & 0xff]);

test('a section that spans packets comes out whole, once', () => {
  const assembler = new SectionAssembler();
  const first = Buffer.concat([Uint8Array.of(0), long.subarray(0, 183)]);
  const second = Buffer.concat([long.subarray(183), Buffer.alloc(67, 0xff)]);
  expect(assembler.push(first, true)).toBeUndefined();
  expect(Buffer.compare(assembler.push(second, false)!, long)).toBe(0);
  expect(assembler.push(second, false)).toBeUndefined();
});

test('the pointer field is obeyed, and a section whose start was missed is not made up', () => {
  const assembler = new SectionAssembler();
  expect(assembler.push(long.subarray(183), false)).toBeUndefined();
  const short = Buffer.from('00b00d0001c100000001f0002ab104b2', 'hex');
  const payload = Buffer.concat([Uint8Array.of(2, 0xff, 0xff), short, Buffer.alloc(20, 0xff)]);
  expect(Buffer.compare(assembler.push(payload, true)!, short)).toBe(0);
});

test('a PAT lists the PMT PIDs and not the network PID; a PMT its streams', () => {
  expect(parsePat(Buffer.from('00b0110001c10000 0000e010 0001f000 00000000'.replaceAll(' ', ''), 'hex'))).toEqual([
    0x1000,
  ]);
  const pmt = '02b0200001c10000 e100f000 1be100f000 0fe101f006 0a04656e6700 00000000';
  expect(parsePmt(Buffer.from(pmt.replaceAll(' ', ''), 'hex'))).toEqual([
    { streamType: 0x1b, pid: 0x100 },
    { streamType: 0x0f, pid: 0x101 },
  ]);
});
