import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PACKET_BYTES } from './packet.ts';
import { crc32, parsePat, parsePmt, SectionAssembler } from './psi.ts';
import { TEST_PIDS, transportStream } from './testing/transport-stream.ts';

function sectionOf(tableId: number, bodyBytes: Uint8Array): Uint8Array {
  const length = 5 + bodyBytes.length + 4;
  const section = new Uint8Array(3 + length);
  section.set([tableId, 0xb0 | (length >> 8), length & 0xff, 0, 1, 0xc1, 0, 0, ...bodyBytes]);
  const crc = crc32(section.subarray(0, -4));
  section.set([crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff], section.length - 4);
  return section;
}

/** Packets of one PID that carry sections back to back. */
function packetsOf(sections: readonly Uint8Array[]): Uint8Array {
  const packets: Uint8Array[] = [];
  for (const section of sections) {
    for (let at = 0; at < section.length; ) {
      const first = at === 0;
      const room = first ? 183 : 184;
      const packet = new Uint8Array(PACKET_BYTES).fill(0xff);
      packet.set([0x47, first ? 0x50 : 0x10, 0, 0x10 | (packets.length & 15), ...(first ? [0] : [])]);
      packet.set(section.subarray(at, at + room), first ? 5 : 4);
      packets.push(packet);
      at += room;
    }
  }
  return Buffer.concat(packets);
}

function assemble(bytes: Uint8Array): Uint8Array[] {
  const assembler = new SectionAssembler();
  const sections: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    sections.push(...assembler.push(bytes, at).map((section) => section.bytes));
  }
  return sections;
}

test('sections of any length come out whole, with the packets they came in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 4, max: 1_000 }), { minLength: 1, maxLength: 6 }), (lengths) => {
      const sections = lengths.map((length) => sectionOf(2, new Uint8Array(length).fill(length & 0xff)));
      const packets = packetsOf(sections);
      expect(assemble(packets).map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
        sections.map((bytes) => Buffer.from(bytes).toString('hex')),
      );
    }),
  );
  const long = sectionOf(2, new Uint8Array(400));
  const packets = packetsOf([long]);
  const assembler = new SectionAssembler();
  const found = [0, 1, 2].flatMap((index) => assembler.push(packets, index * PACKET_BYTES));
  expect(Buffer.from(found[0]!.packets).equals(packets)).toBe(true);
});

test('a damaged section is dropped', () => {
  const packets = packetsOf([sectionOf(2, new Uint8Array(50))]);
  packets[20]! ^= 1;
  expect(assemble(packets)).toEqual([]);
});

test('a PAT and a PMT are read: programs, PIDs, codecs', () => {
  const stream = transportStream({ durationMs: 40 });
  const [pat] = assemble(stream.subarray(0, PACKET_BYTES));
  const [pmt] = assemble(stream.subarray(PACKET_BYTES, 2 * PACKET_BYTES));
  expect(parsePat(pat!)).toEqual([{ programNumber: 1, pmtPid: TEST_PIDS.pmt }]);
  expect(parsePmt(pmt!, TEST_PIDS.pmt)).toEqual({
    programNumber: 1,
    pmtPid: TEST_PIDS.pmt,
    pcrPid: TEST_PIDS.video,
    streams: [
      { pid: TEST_PIDS.video, streamType: 27, codec: 'h264', kind: 'video' },
      { pid: TEST_PIDS.audio, streamType: 15, codec: 'aac', kind: 'audio' },
    ],
  });
});

test('private data is told apart by its descriptors', () => {
  const descriptor = (pid: number, ...bytes: number[]): number[] => [6, 0xe0, pid, 0xf0, bytes.length, ...bytes];
  const body = Uint8Array.of(
    ...[0xe0, 0x20, 0xf0, 0],
    ...descriptor(0x21, 0x6a, 0),
    ...descriptor(0x22, 0x05, 4, ...Buffer.from('HEVC')),
    ...descriptor(0x23, 0x59, 1, 0),
    ...descriptor(0x24),
  );
  const codecs = parsePmt(sectionOf(2, body), 0x1000)?.streams.map(({ codec, kind }) => `${codec} ${kind}`);
  expect(codecs).toEqual(['ac3 audio', 'hevc video', 'dvbsub other', 'type_6 other']);
});

test('whatever the bytes, parsing never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 400 }), (bytes) => {
      bytes[5] = 1;
      parsePat(Uint8Array.of(0, ...bytes));
      parsePmt(Uint8Array.of(2, ...bytes), 0x100);
      const packets = new Uint8Array(3 * PACKET_BYTES);
      packets.set(bytes.subarray(0, packets.length));
      assemble(packets);
    }),
  );
});
