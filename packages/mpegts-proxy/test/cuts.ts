import type { CutEvent } from '../src/open-segment.ts';
import { PACKET_BYTES, pidOf } from '../src/packet.ts';
import type { Part } from '../src/segment-contract.ts';
import { SegmentCutter, type SegmentCutterOptions } from '../src/segment-cutter.ts';
import { type TransportStreamOptions, transportStream } from '../src/testing.ts';

/** A segment that was cut. */
export interface Cut {
  readonly discontinuity: boolean;
  readonly parts: Part[];
  durationMs: number | undefined;
}

export const SIX_SECONDS: SegmentCutterOptions = { targetDurationMs: 6_000, partDurationMs: 350 };

/** Everything that was cut; the last segment is open, unless the stream was finished. */
export function collect(events: readonly CutEvent[]): Cut[] {
  const cuts: Cut[] = [];
  for (const event of events) {
    if (event.type === 'segment') cuts.push({ discontinuity: event.discontinuity, parts: [], durationMs: undefined });
    else if (event.type === 'part') cuts.at(-1)!.parts.push(event.part);
    else cuts.at(-1)!.durationMs = event.durationMs;
  }
  return cuts;
}

/** Cuts a whole stream, given in any runs. */
export function cut(runs: Uint8Array | readonly Uint8Array[], options: SegmentCutterOptions = SIX_SECONDS): Cut[] {
  const cutter = new SegmentCutter(options);
  const all = runs instanceof Uint8Array ? [runs] : runs;
  const events = all.flatMap((run) => cutter.push(run, 0));
  return collect([...events, ...cutter.finish()]);
}

export const bytesOf = ({ parts }: Cut): Buffer => Buffer.concat(parts.flatMap(({ data }) => data));
export const durations = (cuts: readonly Cut[]): number[] => cuts.map(({ durationMs }) => Math.round(durationMs!));
export const partDurations = ({ parts }: Cut): number[] => parts.map(({ durationMs }) => Math.round(durationMs));

/** Packets of one PID, in order, without the PAT and PMT that were put before each segment. */
export function packetsOf(bytes: Uint8Array, pid: number): Buffer {
  const kept: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    if (pidOf(bytes, at) === pid) kept.push(bytes.subarray(at, at + PACKET_BYTES));
  }
  return Buffer.concat(kept);
}

export const media = (cuts: readonly Cut[]): Buffer => Buffer.concat(cuts.map(bytesOf));

/** H.264 as it begins with a sequence parameter set and a keyframe. */
const KEYFRAME = [0, 0, 0, 1, 9, 0x10, 0, 0, 0, 1, 0x67, 0x42, 0, 0x1e, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 1, 0x65, 0x88];
const PES_HEADER_BYTES = 14;

/** A stream whose keyframes are known by their second packet only, with a packet of sound before that. */
export function lateKeyframes(options: TransportStreamOptions): Uint8Array {
  const stream = transportStream({ ...options, randomAccess: false });
  // PAT, PMT, four packets of video, one of audio.
  const packetAt = (at: number): Uint8Array => stream.subarray(at, at + PACKET_BYTES);
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    if (pidOf(stream, at) !== 0) continue;
    const [first, second, audio] = [2, 3, 6].map((packet) => packetAt(at + packet * PACKET_BYTES));
    const header = first!.slice(-150, -150 + PES_HEADER_BYTES);
    first![4] = PACKET_BYTES - 5 - PES_HEADER_BYTES;
    first!.fill(0xff, 12, -PES_HEADER_BYTES);
    first!.set(header, PACKET_BYTES - PES_HEADER_BYTES);
    second!.set(KEYFRAME, 4);
    const sound = audio!.slice();
    stream.copyWithin(at + 4 * PACKET_BYTES, at + 3 * PACKET_BYTES, at + 6 * PACKET_BYTES);
    stream.set(sound, at + 3 * PACKET_BYTES);
  }
  return stream;
}
