import { expect, test } from 'vitest';
import { classifyPes, KeyframeScanner } from './keyframe.ts';
import { PACKET_BYTES, pidOf } from './packet.ts';
import { TEST_PIDS, transportStream } from './testing/transport-stream.ts';

const pes = (...payload: number[]): Uint8Array => Uint8Array.of(0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 1, 0, ...payload);
const startCode = [0, 0, 1];
const h264 = (...units: number[][]): Uint8Array => pes(...units.flatMap((unit) => [...startCode, ...unit]));

const AUD = [9, 0xf0];
const SPS = [0x67, 0x42, 0, 0x1e];
const PPS = [0x68, 0xce];
const IDR = [0x65, 0x88, 0x80];
const SLICE = [0x41, 0x9a, 0x80];
const RECOVERY_POINT = [6, 6, 1, 0x84, 0x80];
const USER_DATA = [6, 5, 2, 1, 2, 0x80];

test.each([
  ['an IDR picture', h264(AUD, SPS, PPS, IDR), 'key'],
  ['an IDR picture whose parameter sets came before', h264(AUD, IDR), 'key'],
  ['a recovery point with parameter sets', h264(AUD, SPS, PPS, RECOVERY_POINT, SLICE), 'key'],
  ['a recovery point after other messages', h264(AUD, SPS, PPS, USER_DATA, RECOVERY_POINT, SLICE), 'key'],
  ['a recovery point without parameter sets', h264(AUD, RECOVERY_POINT, SLICE), 'other'],
  ['parameter sets without a recovery point', h264(AUD, SPS, PPS, USER_DATA, SLICE), 'other'],
  ['another picture, the second field of a keyframe for example', h264(AUD, SLICE), 'other'],
  ['parameter sets whose slice has not come yet', h264(AUD, SPS, PPS), 'undecided'],
  ['an SEI that is not complete', h264(AUD, SPS, PPS, [6, 6, 1]), 'undecided'],
  ['something without a PES start code', Uint8Array.from({ length: 20 }, () => 7), 'other'],
  ['too few bytes', Uint8Array.of(0, 0, 1), 'undecided'],
])('H.264: %s', (_name, bytes, expected) => {
  expect(classifyPes('h264', bytes, false)).toBe(expected);
});

test.each([
  ['IDR_W_RADL', 19, 'key'],
  ['CRA', 21, 'key'],
  ['BLA_W_LP', 16, 'key'],
  ['a trailing picture', 1, 'other'],
  ['a RASL picture', 9, 'other'],
])('HEVC: %s', (_name, type, expected) => {
  const unit = (nal: number): number[] => [...startCode, nal << 1, 1, 0xaa];
  expect(classifyPes('hevc', pes(...unit(32), ...unit(33), ...unit(34), ...unit(type)), false)).toBe(expected);
});

test('MPEG-2: an I picture after a sequence header, and nothing else', () => {
  const sequence = [0, 0, 1, 0xb3, 1, 2, 3, 4];
  const picture = (type: number): number[] => [0, 0, 1, 0, 0, type << 3, 0];
  expect(classifyPes('mpeg2video', pes(...sequence, ...picture(1)), false)).toBe('key');
  expect(classifyPes('mpeg2video', pes(...picture(1)), false)).toBe('other');
  expect(classifyPes('mpeg2video', pes(...sequence, ...picture(2)), false)).toBe('other');
});

test('other codecs: what the muxer says', () => {
  expect(classifyPes('cavs', pes(1, 2, 3), true)).toBe('key');
  expect(classifyPes('cavs', pes(1, 2, 3), false)).toBe('other');
});

test('the place of a keyframe is where its PES starts, though it is known only packets later', () => {
  const scanner = new KeyframeScanner('h264');
  const head = h264(AUD, SPS, PPS, [6, 5, 255, 10, ...Array.from({ length: 265 }, () => 3), 0x80], IDR);
  const packets = packetise(head);
  expect(packets.length).toBeGreaterThan(1);
  const found = packets.map((packet, index) => scanner.push(packet, 0, 1_000 + index * PACKET_BYTES));
  expect(found.filter((place) => place >= 0)).toEqual([1_000]);
  expect(found.at(-1)).toBe(1_000);
});

test('scrambled video is started where the muxer says', () => {
  const scanner = new KeyframeScanner('h264');
  const stream = transportStream({ durationMs: 2_000 });
  const found: number[] = [];
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    if (pidOf(stream, at) !== TEST_PIDS.video) continue;
    stream[at + 3]! |= 0x80;
    if (scanner.push(stream, at, at) >= 0) found.push(at);
  }
  expect(found).toHaveLength(2);
});

/** Puts a PES packet into transport packets, the last one stuffed. */
function packetise(bytes: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 184) {
    const part = bytes.subarray(at, at + 184);
    const packet = new Uint8Array(PACKET_BYTES).fill(0xff);
    const stuffing = 184 - part.length;
    packet.set([0x47, at === 0 ? 0x41 : 0x01, 0, stuffing > 0 ? 0x30 : 0x10]);
    if (stuffing > 0) packet[4] = stuffing - 1;
    if (stuffing > 1) packet[5] = 0;
    packet.set(part, PACKET_BYTES - part.length);
    packets.push(packet);
  }
  return packets;
}
