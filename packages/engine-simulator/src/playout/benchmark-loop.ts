import { type LoopTemplate, parseLoop } from './loop-template.ts';
import { patPacket, pmtPacket, sdtPacket } from './psi-packets.ts';
import { PACKET_BYTES } from './timeline.ts';
import { writePcr, writeTimestamp } from './timestamps.ts';

const PMT_PID = 0x1000;
const VIDEO_PID = 0x100;
const FRAMES = 25;
const PCRS = 50;
const TABLES = 10;
/** How far PTS is ahead of PCR, in 90 kHz ticks. */
const DELAY_TICKS = 45_000;

/** Access unit delimiter, SPS and PPS (x264, High profile, 1280×720 at 25 fps), the start of an IDR slice. */
const KEYFRAME = Buffer.from(
  [
    '0000000109f0',
    '000000016764001facb200a00b760220000003002000000641e30649',
    '0000000168ebc3cb22c0',
    '0000016588',
  ].join(''),
  'hex',
);
const FRAME = Buffer.from('0000000109f0000001419a', 'hex');

const loaded = new Map<number, WeakRef<LoopTemplate>>();

/**
 * One second of a synthetic stream: PAT, PMT each 100 ms, H.264-looking video at 25 fps with a keyframe each second and
 * a PCR each 20 ms. Correct as a transport stream; the pictures are noise. The rate is rounded to whole packets.
 * Shared while in use; takes about 0.14 bytes of memory for each bit/s.
 *
 * @throws RangeError unless the rate is from 500 kbit/s to 1 Gbit/s.
 */
export function benchmarkLoop(bitsPerSecond: number): LoopTemplate {
  if (!(bitsPerSecond >= 500_000 && bitsPerSecond <= 1e9)) {
    throw new RangeError(`benchmark: bitsPerSecond must be from 500000 to 1000000000, got ${bitsPerSecond}`);
  }
  const packets = Math.round(bitsPerSecond / (PACKET_BYTES * 8));
  const shared = loaded.get(packets)?.deref();
  if (shared) return shared;
  const template = parseLoop(composeSecond(packets), 1000);
  loaded.set(packets, new WeakRef(template));
  return template;
}

function composeSecond(packets: number): Uint8Array {
  const bytes = Buffer.alloc(
    packets * PACKET_BYTES,
    Buffer.from(Array.from({ length: 251 }, (_, i) => 0x80 | (i * 37))),
  );
  const tables = [patPacket(1, 1, PMT_PID), pmtPacket(PMT_PID, 1, VIDEO_PID, [[0x1b, VIDEO_PID]])];
  const waiting: Uint8Array[] = [sdtPacket(1, 1, '', false)];
  let [frames, pcrs, tableRounds] = [0, 0, 0];
  for (let packet = 0; packet < packets; packet++) {
    const at = packet * PACKET_BYTES;
    if (packet * TABLES >= tableRounds * packets) {
      tableRounds++;
      waiting.push(...tables);
    }
    const table = waiting.shift();
    if (table) {
      bytes.set(table, at);
      continue;
    }
    const startsFrame = packet * FRAMES >= frames * packets;
    const carriesPcr = packet * PCRS >= pcrs * packets;
    if (carriesPcr) pcrs++;
    writeVideoPacket(bytes, at, {
      frame: startsFrame ? frames++ : undefined,
      pcrTicks: carriesPcr ? Math.floor((packet * 27_000_000) / packets) : undefined,
    });
  }
  return bytes;
}

function writeVideoPacket(
  bytes: Buffer,
  at: number,
  { frame, pcrTicks }: { frame: number | undefined; pcrTicks: number | undefined },
): void {
  const keyframe = frame === 0;
  const adaptation = pcrTicks !== undefined || keyframe;
  bytes.set(
    [0x47, (frame === undefined ? 0 : 0x40) | (VIDEO_PID >> 8), VIDEO_PID & 0xff, adaptation ? 0x30 : 0x10],
    at,
  );
  let payload = at + 4;
  if (adaptation) {
    bytes.set([pcrTicks === undefined ? 1 : 7, (keyframe ? 0x40 : 0) | (pcrTicks === undefined ? 0 : 0x10)], payload);
    if (pcrTicks !== undefined) writePcr(bytes, payload + 2, Math.floor(pcrTicks / 300), pcrTicks % 300);
    payload += pcrTicks === undefined ? 2 : 8;
  }
  if (frame === undefined) return;
  bytes.set([0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1], payload);
  writeTimestamp(bytes, payload + 9, DELAY_TICKS + frame * 3600);
  bytes.set(keyframe ? KEYFRAME : FRAME, payload + 14);
}
