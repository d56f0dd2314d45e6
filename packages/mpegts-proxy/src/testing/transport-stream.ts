import { nullPacket, PACKET_BYTES, PCR_TICKS_PER_MS, PCR_WRAP } from '../packet.ts';
import { crc32 } from '../psi.ts';

export interface TransportStreamOptions {
  /** Media in milliseconds. Default 4 000. */
  readonly durationMs?: number;
  /** Distance of keyframes. Default 1 000. */
  readonly gopMs?: number;
  /** Distance of video frames. Default 40. */
  readonly frameMs?: number;
  /** Packets of a frame's picture data. Default 4. */
  readonly packetsPerFrame?: number;
  /** First PCR, in ticks of 27 MHz. Default 0. */
  readonly startPcr?: number;
  /** First continuity counter of every PID. Default 0. */
  readonly startContinuity?: number;
  /** Leave video out: PAT, PMT and audio only. */
  readonly audioOnly?: boolean;
  /** Length of an audio PES, one packet of it with each frame; its last packets come behind the next keyframe where this does not divide `gopMs`. Default `frameMs`. */
  readonly audioPesMs?: number;
  /** Null packets after each frame. Default 0. */
  readonly nullPackets?: number;
  /** Set the adaptation field's random_access_indicator on keyframes. Default true. */
  readonly randomAccess?: boolean;
  /** Makes the pictures' bytes differ from those of another seed. Default 0. */
  readonly seed?: number;
}

export const TEST_PIDS = { pmt: 0x1000, video: 0x100, audio: 0x101 } as const;

/**
 * A small, valid transport stream for tests: PAT and PMT before every keyframe, H.264-shaped video with a PCR on every
 * frame, and AAC-shaped audio. The same options make the same bytes.
 */
export function transportStream(options: TransportStreamOptions = {}): Uint8Array {
  const { durationMs = 4_000, gopMs = 1_000, frameMs = 40, packetsPerFrame = 4, startPcr = 0, seed = 0 } = options;
  const { audioOnly = false, randomAccess = true, startContinuity = 0 } = options;
  const { audioPesMs = frameMs, nullPackets = 0 } = options;
  const audioPackets = Math.max(1, Math.round(audioPesMs / frameMs));
  const counters = new Map<number, number>();
  const packets: Uint8Array[] = [];
  const add = (pid: number, unitStart: boolean, payload: Uint8Array, field: Uint8Array = new Uint8Array(0)): void => {
    const counter = counters.get(pid) ?? startContinuity;
    counters.set(pid, (counter + 1) & 15);
    packets.push(packet(pid, unitStart, counter & 15, payload, field));
  };
  for (let timeMs = 0; timeMs < durationMs; timeMs += frameMs) {
    const pcr = (startPcr + timeMs * PCR_TICKS_PER_MS) % PCR_WRAP;
    const pts = (Math.floor(pcr / 300) + PTS_AHEAD) % 2 ** 33;
    const isKey = timeMs % gopMs === 0;
    if (isKey) {
      add(0, true, section(patBody()));
      add(TEST_PIDS.pmt, true, section(pmtBody(audioOnly)));
    }
    if (!audioOnly) {
      const head = pes(0xe0, pts, 0, Uint8Array.of(0, 0, 0, 1, 9, 0x10, ...(isKey ? KEY_UNIT : OTHER_UNIT)));
      add(TEST_PIDS.video, true, filled(head, 150, seed + timeMs), pcrField(pcr, isKey && randomAccess));
      for (let index = 1; index < packetsPerFrame; index++) {
        add(TEST_PIDS.video, false, filled(new Uint8Array(0), 184, seed + timeMs + index));
      }
    }
    const audioBytes = audioOnly ? 150 : 184;
    const startsAudio = Math.round(timeMs / frameMs) % audioPackets === 0;
    const audioHead = startsAudio
      ? pes(0xc0, pts, audioBytes * audioPackets, Uint8Array.of(0xff, 0xf1))
      : new Uint8Array(0);
    const field = audioOnly ? pcrField(pcr, false) : undefined;
    add(TEST_PIDS.audio, startsAudio, filled(audioHead, audioBytes, seed + timeMs), field);
    for (let index = 0; index < nullPackets; index++) packets.push(nullPacket());
  }
  return new Uint8Array(Buffer.concat(packets));
}

/** Presentation is 0.7 s behind the clock, in ticks of 90 kHz. */
const PTS_AHEAD = 63_000;

/** Sequence and picture parameter sets, then an IDR slice. */
const KEY_UNIT = [0, 0, 0, 1, 0x67, 0x42, 0, 0x1e, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 1, 0x65, 0x88];
/** A slice of another picture. */
const OTHER_UNIT = [0, 0, 1, 0x41, 0x9a];

function packet(pid: number, unitStart: boolean, counter: number, payload: Uint8Array, field: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES).fill(0xff);
  const stuffing = PACKET_BYTES - 4 - payload.length - field.length;
  const hasField = field.length > 0 || stuffing > 0;
  bytes.set([0x47, (unitStart ? 0x40 : 0) | (pid >> 8), pid & 0xff, (hasField ? 0x30 : 0x10) | counter]);
  if (hasField) {
    const length = PACKET_BYTES - 5 - payload.length;
    bytes[4] = length;
    if (field.length > 0) bytes.set(field, 5);
    else if (length > 0) bytes[5] = 0;
  }
  bytes.set(payload, PACKET_BYTES - payload.length);
  return bytes;
}

function pcrField(pcr: number, isRandomAccess: boolean): Uint8Array {
  const base = Math.floor(pcr / 300);
  const extension = pcr % 300;
  const high = Math.floor(base / 2);
  return Uint8Array.of(
    0x10 | (isRandomAccess ? 0x40 : 0),
    (high >>> 24) & 0xff,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    ((base % 2) << 7) | 0x7e | (extension >> 8),
    extension & 0xff,
  );
}

/** The start of a PES. @param bytes of the whole PES, header included; 0 when it does not say */
function pes(streamId: number, pts: number, bytes: number, payload: Uint8Array): Uint8Array {
  const length = bytes === 0 ? 0 : bytes - 6;
  const high = Math.floor(pts / 2 ** 30);
  const low = pts % 2 ** 30;
  return Uint8Array.of(
    ...[0, 0, 1, streamId, length >> 8, length & 0xff, 0x80, 0x80, 5],
    ...[0x21 | (high << 1), low >> 22, ((low >> 14) & 0xfe) | 1, (low >> 7) & 0xff, ((low << 1) & 0xfe) | 1],
    ...payload,
  );
}

/** `head`, and picture data without start codes up to `length`. */
function filled(head: Uint8Array, length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = 2 + ((seed * 31 + at * 7) % 250);
  bytes.set(head);
  return bytes;
}

function section(body: Uint8Array): Uint8Array {
  const length = body.length + 4 - 3;
  body[1] = 0xb0 | (length >> 8);
  body[2] = length & 0xff;
  const crc = crc32(body);
  const bytes = new Uint8Array(184).fill(0xff);
  bytes.set([0, ...body, crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff]);
  return bytes;
}

const patBody = (): Uint8Array =>
  Uint8Array.of(0, 0, 0, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | (TEST_PIDS.pmt >> 8), TEST_PIDS.pmt & 0xff);

function pmtBody(audioOnly: boolean): Uint8Array {
  const pcrPid = audioOnly ? TEST_PIDS.audio : TEST_PIDS.video;
  const stream = (type: number, pid: number): number[] => [type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0];
  return Uint8Array.of(
    ...[2, 0, 0, 0, 1, 0xc1, 0, 0, 0xe0 | (pcrPid >> 8), pcrPid & 0xff, 0xf0, 0],
    ...(audioOnly ? [] : stream(0x1b, TEST_PIDS.video)),
    ...stream(0x0f, TEST_PIDS.audio),
  );
}
