import { expect, test } from 'vitest';
import { CHANNELS } from '../channels.ts';
import { openPlayout } from '../playout/open-playout.ts';
import { analyseTs } from './ts-analyser.ts';

const PACKET = 188;
const playout = openPlayout(CHANNELS[0]!);
const LOOP = playout.loopBytes;
/** A fresh copy of the first loop and a half. */
const stream = (): Buffer => Buffer.from(playout.read(0, Math.floor((LOOP * 1.5) / PACKET) * PACKET));
const pidOf = (bytes: Buffer, packet: number): number => bytes.readUInt16BE(packet * PACKET + 1) & 0x1fff;
/** The n-th packet of a PID that has payload and no adaptation field. */
function plainPacket(bytes: Buffer, pid: number, nth: number): number {
  for (let packet = 0, found = 0; packet < bytes.length / PACKET; packet++) {
    if (pidOf(bytes, packet) === pid && (bytes[packet * PACKET + 3]! & 0x30) === 0x10 && found++ === nth) return packet;
  }
  throw new RangeError('no such packet');
}
const without = (bytes: Buffer, packet: number, count = 1): Buffer =>
  Buffer.concat([bytes.subarray(0, packet * PACKET), bytes.subarray((packet + count) * PACKET)]);
const insert = (bytes: Buffer, packet: number, what: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, packet * PACKET), what, bytes.subarray(packet * PACKET)]);

test('a whole stream is without fault and its parts are known', () => {
  const report = analyseTs(stream());
  expect(report).toMatchObject({ leadingBytes: 0, trailingBytes: 0, errorPackets: 0, sectionErrors: 0 });
  expect([report.syncLosses, report.continuityErrors, report.timestampErrors]).toEqual([[], [], []]);
  expect(report.bytes).toBe(report.packets * PACKET);
  expect(report.start).toEqual({ pat: 188, pmt: 376, video: 564, keyframe: 564, decodable: true });
  expect(report.bytesToFirstKeyframe).toBe(752);
  expect(report.pids.get(0x100)).toMatchObject({ streamType: 0x1b, duplicates: 0, dtsStep: { min: 3600, max: 3600 } });
  expect(report.pids.get(0x101)).toMatchObject({ streamType: 0x0f });
  expect(report.nullPackets).toBeGreaterThan(0);
  const counted = [...report.pids.values()].reduce((sum, pid) => sum + pid.packets, report.nullPackets);
  expect(counted).toBe(report.packets);
});

test('chunks of any size give the same report', () => {
  const bytes = stream();
  const chunks = Array.from({ length: Math.ceil(bytes.length / 1009) }, (_, i) =>
    bytes.subarray(i * 1009, (i + 1) * 1009),
  );
  expect(analyseTs(chunks)).toEqual(analyseTs(bytes));
});

test('a missing packet is a continuity error of its PID', () => {
  const bytes = stream();
  const packet = plainPacket(bytes, 0x100, 5);
  const next = plainPacket(bytes, 0x100, 6);
  const { continuityErrors } = analyseTs(without(bytes, packet));
  const found = bytes[next * PACKET + 3]! & 0x0f;
  const offset = (next - 1) * PACKET;
  expect(continuityErrors).toEqual([{ offset, pid: 0x100, expected: (found + 15) & 15, found, flagged: false }]);
});

test('a jump announced by discontinuity_indicator is flagged, and the packets after it are in order', () => {
  const bytes = stream();
  const packet = plainPacket(bytes, 0x100, 5);
  const next = plainPacket(bytes, 0x100, 6);
  const notice = Buffer.alloc(PACKET, 0xff);
  // Adaptation field only, discontinuity_indicator, counter one less than the next packet's.
  notice.set([0x47, 0x01, 0x00, 0x20 | (((bytes[next * PACKET + 3]! & 0x0f) + 15) & 15), 183, 0x80]);
  const { continuityErrors, pids } = analyseTs(insert(without(bytes, packet), packet, notice));
  expect(continuityErrors.map(({ offset, flagged }) => ({ offset, flagged }))).toEqual([
    { offset: packet * PACKET, flagged: true },
  ]);
  expect(pids.get(0x100)!.discontinuities).toBe(1);
});

test('a packet may come twice but not three times', () => {
  const bytes = stream();
  const packet = plainPacket(bytes, 0x101, 5);
  const copy = Buffer.from(bytes.subarray(packet * PACKET, (packet + 1) * PACKET));
  const twice = analyseTs(insert(bytes, packet, copy));
  expect(twice.continuityErrors).toEqual([]);
  expect(twice.pids.get(0x101)!.duplicates).toBe(1);
  const thrice = analyseTs(insert(bytes, packet, Buffer.concat([copy, copy])));
  expect(thrice.continuityErrors.length).toBe(1);
});

test('time that runs back is a timestamp error and a step back of the PCR', () => {
  const part = Buffer.from(playout.read(0, LOOP / 2));
  const report = analyseTs(Buffer.concat([part, part]));
  expect(report.timestampErrors.map((error) => error.pid).sort()).toEqual([0x100, 0x101]);
  expect(report.timestampErrors[0]!.current).toBeLessThan(report.timestampErrors[0]!.previous);
  const steps = report.pcrs.slice(1).map((pcr, index) => pcr.ticks - report.pcrs[index]!.ticks);
  expect(steps.filter((step) => step < 0).length).toBe(1);
});

test('a start inside a GOP is not decodable, and says how far the keyframe is', () => {
  const bytes = stream().subarray(2000 * PACKET);
  const { start, keyframes, bytesToFirstKeyframe } = analyseTs(bytes);
  expect(start.decodable).toBe(false);
  expect(start.keyframe).toBeGreaterThan(start.video!);
  expect(keyframes[0]!.offset).toBe(start.keyframe);
  expect(bytesToFirstKeyframe).toBe(start.keyframe! + PACKET);
  expect(bytes.readUInt16BE(start.keyframe! + 1) & 0x1fff).toBe(0x100);
});

test('video before the PMT counts as the first video', () => {
  const bytes = stream();
  const late = Buffer.concat([bytes.subarray(3 * PACKET, 10 * PACKET), bytes]);
  expect(analyseTs(late).start).toMatchObject({ video: 0, pmt: 9 * PACKET, decodable: false });
});

test('keyframes are told from the coded picture, not from the flag', () => {
  const bytes = stream();
  const keyframes = analyseTs(bytes).keyframes;
  const random = (packet: number): number =>
    bytes[packet * PACKET + 3]! & 0x20 ? bytes[packet * PACKET + 5]! & 0x40 : 0;
  for (let packet = 0; packet < bytes.length / PACKET; packet++) {
    if (random(packet)) bytes[packet * PACKET + 5]! &= ~0x40;
  }
  const unflagged = analyseTs(bytes).keyframes;
  expect(keyframes.length).toBeGreaterThan(5);
  expect(unflagged).toEqual(keyframes.map((keyframe) => ({ ...keyframe, flagged: false })));
});

test('a damaged table is counted and not believed', () => {
  const bytes = stream();
  bytes[PACKET + 12]! ^= 1;
  const report = analyseTs(bytes);
  expect(report.sectionErrors).toBe(1);
  expect(report.start.pat).toBeGreaterThan(PACKET);
});

test('a PES header with a wrong marker bit is counted', () => {
  const bytes = stream();
  const header = bytes.indexOf(Buffer.from([0, 0, 1, 0xe0]));
  bytes[header + 11]! ^= 1;
  expect(analyseTs(bytes).pids.get(0x100)!.pesErrors).toBe(1);
});

test('packets with the error indicator and scrambled packets are counted and not read', () => {
  const bytes = stream();
  const [failed, scrambled] = [plainPacket(bytes, 0x101, 3), plainPacket(bytes, 0x101, 40)];
  bytes[failed * PACKET + 1]! |= 0x80;
  bytes[scrambled * PACKET + 3]! |= 0x80;
  const report = analyseTs(bytes);
  expect(report.errorPackets).toBe(1);
  expect(report.pids.get(0x101)!.scrambledPackets).toBe(1);
});
