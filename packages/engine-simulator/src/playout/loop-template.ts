import { PACKET_BYTES } from './timeline.ts';
import { readPcr, readTimestamp } from './timestamps.ts';

const NULL_PID = 0x1fff;
const TICKS_PER_MS = 90;

/** What has to be rewritten in a packet of a loop; bits of `LoopTemplate.patches`. */
export const PATCH = { pcr: 1, pts: 2, dts: 4, pat: 8, sdt: 16 } as const;

/** `pidSlots` of packets whose continuity counter means nothing. */
export const NO_SLOT = 255;

/**
 * One media loop and where its bytes change from one iteration to the next. Immutable, shared by all channels that play
 * the loop. Arrays have one element for each packet unless said otherwise.
 */
export interface LoopTemplate {
  readonly bytes: Uint8Array;
  readonly packets: number;
  readonly durationMs: number;
  /** Index into `payloadsPerLoop` of the packet's PID, or `NO_SLOT`. */
  readonly pidSlots: Uint8Array;
  /** Continuity counter of the packet in iteration 0. */
  readonly counters: Uint8Array;
  /** By slot: packets with payload in one loop, by which the PID's counter moves on each iteration. */
  readonly payloadsPerLoop: readonly number[];
  /** Bits of `PATCH`. */
  readonly patches: Uint8Array;
  /** Where the PES timestamps are, in bytes from the start of the packet. */
  readonly timestampAt: Uint8Array;
  /** 90 kHz ticks from the loop's first byte being due; of packets with the patch. */
  readonly pts: Float64Array;
  readonly dts: Float64Array;
}

/**
 * Finds what changes in a loop. The loop is of constant rate: packet `i` of `n` is due `i/n` of the loop after its
 * start, whatever its own PCRs say; they only fix how far the PTS are ahead.
 *
 * @throws TypeError when the bytes are not whole transport packets, or carry no PCR.
 */
export function parseLoop(bytes: Uint8Array, durationMs: number): LoopTemplate {
  const packets = bytes.length / PACKET_BYTES;
  if (!Number.isInteger(packets)) throw new TypeError(`loop: ${bytes.length} bytes are not whole packets`);
  const startTicks = startOfClock(bytes, durationMs);
  const slots = new Map<number, number>();
  const payloadsPerLoop: number[] = [];
  const template = {
    bytes,
    packets,
    durationMs,
    payloadsPerLoop,
    pidSlots: new Uint8Array(packets).fill(NO_SLOT),
    counters: new Uint8Array(packets),
    patches: new Uint8Array(packets),
    timestampAt: new Uint8Array(packets),
    pts: new Float64Array(packets),
    dts: new Float64Array(packets),
  };
  for (let packet = 0, at = 0; packet < packets; packet++, at += PACKET_BYTES) {
    if (bytes[at] !== 0x47) throw new TypeError(`loop: no sync byte at ${at}`);
    const pid = ((bytes[at + 1]! & 0x1f) << 8) | bytes[at + 2]!;
    if (pid === NULL_PID) continue;
    const slot = slots.get(pid) ?? slots.size;
    if (slot === slots.size) {
      slots.set(pid, slot);
      payloadsPerLoop.push(0);
    }
    const hasPayload = (bytes[at + 3]! & 0x10) !== 0;
    template.pidSlots[packet] = slot;
    // A packet without payload repeats the counter of the one before it.
    template.counters[packet] = (hasPayload ? payloadsPerLoop[slot]!++ : payloadsPerLoop[slot]! + 15) & 0x0f;
    if (hasPcr(bytes, at)) template.patches[packet]! |= PATCH.pcr;
    if (pid === 0x00) template.patches[packet]! |= PATCH.pat;
    if (pid === 0x11) template.patches[packet]! |= PATCH.sdt;
    const header = pesHeader(bytes, at);
    if (header === undefined) continue;
    const flags = bytes[header + 7]! >> 6;
    template.timestampAt[packet] = header + 9 - at;
    if (flags & 2) {
      template.patches[packet]! |= PATCH.pts;
      template.pts[packet] = readTimestamp(bytes, header + 9) - startTicks;
    }
    if (flags === 3) {
      template.patches[packet]! |= PATCH.dts;
      template.dts[packet] = readTimestamp(bytes, header + 14) - startTicks;
    }
  }
  return template;
}

function hasPcr(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + 3]! & 0x20) !== 0 && bytes[at + 4]! > 0 && (bytes[at + 5]! & 0x10) !== 0;
}

/** Where the PES header starts, when one starts in the packet and can carry timestamps. */
function pesHeader(bytes: Uint8Array, at: number): number | undefined {
  if (!(bytes[at + 1]! & 0x40) || !(bytes[at + 3]! & 0x10)) return undefined;
  const start = at + 4 + (bytes[at + 3]! & 0x20 ? 1 + bytes[at + 4]! : 0);
  if (start + 19 > at + PACKET_BYTES) return undefined;
  return bytes[start] === 0 && bytes[start + 1] === 0 && bytes[start + 2] === 1 ? start : undefined;
}

/** What the loop's own clock shows, in 90 kHz ticks, when its first byte is due. */
function startOfClock(bytes: Uint8Array, durationMs: number): number {
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    if (!hasPcr(bytes, at)) continue;
    return Math.floor(readPcr(bytes, at + 6) / 300 - (durationMs * TICKS_PER_MS * at) / bytes.length);
  }
  throw new TypeError('loop: no packet carries a PCR');
}
