import { type LoopTemplate, NO_SLOT, PATCH } from './loop-template.ts';
import type { Playout } from './playout.ts';
import {
  CLOCK_WRAP,
  firstPacketAfter,
  type LoopTimeline,
  modulo,
  PACKET_BYTES,
  readUnaligned,
  timeOfByte,
} from './timeline.ts';
import { writePcr, writeTimestamp } from './timestamps.ts';

const TICKS_PER_MS = 90;

/** What tells one channel from another that plays the same loop. */
export interface ChannelIdentity {
  /** Unix ms at which byte 0 is due; a whole number. */
  readonly originMs: number;
  /** Replace the loop's own PAT and SDT. */
  readonly pat: Uint8Array;
  readonly sdt: Uint8Array;
}

/**
 * A loop played out for ever. Every read copies from the template and patches the copy, so nothing is kept between
 * reads: any number of readers at any offsets cost no memory, and the bytes are a pure function of the offset.
 */
export class LoopPlayout implements Playout {
  readonly bytesPerSecond: number;
  readonly loopBytes: number;
  readonly #template: LoopTemplate;
  readonly #identity: ChannelIdentity;
  readonly #timeline: LoopTimeline;

  constructor(template: LoopTemplate, identity: ChannelIdentity) {
    this.#template = template;
    this.#identity = identity;
    this.#timeline = {
      originMs: identity.originMs,
      durationMs: template.durationMs,
      packetsPerLoop: template.packets,
    };
    this.loopBytes = template.bytes.length;
    this.bytesPerSecond = (this.loopBytes * 1000) / template.durationMs;
  }

  offsetAt(wallMs: number): number {
    return firstPacketAfter(this.#timeline, wallMs) * PACKET_BYTES;
  }

  timeOf(offset: number): number {
    return timeOfByte(this.#timeline, offset);
  }

  read(offset: number, length: number): Uint8Array {
    return readUnaligned(offset, length, (target, packet, count) => this.render(target, packet, count));
  }

  /** Writes packets `[packet, packet + count)` of the stream to the start of `target`. */
  render(target: Uint8Array, packet: number, count: number): void {
    const { bytes, packets } = this.#template;
    for (let done = 0; done < count; ) {
      const iteration = Math.floor((packet + done) / packets);
      const first = packet + done - iteration * packets;
      const run = Math.min(count - done, packets - first);
      const at = done * PACKET_BYTES;
      target.set(bytes.subarray(first * PACKET_BYTES, (first + run) * PACKET_BYTES), at);
      this.#patch(target, at, iteration, first, run);
      done += run;
    }
  }

  #patch(target: Uint8Array, start: number, iteration: number, first: number, count: number): void {
    const { packets, durationMs, pidSlots, counters, payloadsPerLoop, patches, timestampAt, pts, dts } = this.#template;
    // The clock shows unix time: 90 kHz ticks at the start of this iteration, below 2^53 for any date.
    const base = modulo((this.#identity.originMs + iteration * durationMs) * TICKS_PER_MS, CLOCK_WRAP);
    const advance = payloadsPerLoop.map((payloads) => modulo(iteration, 16) * payloads);
    for (let index = first, at = start; index < first + count; index++, at += PACKET_BYTES) {
      const slot = pidSlots[index]!;
      if (slot === NO_SLOT) continue;
      const patch = patches[index]!;
      if (patch & (PATCH.pat | PATCH.sdt)) target.set(patch & PATCH.pat ? this.#identity.pat : this.#identity.sdt, at);
      target[at + 3] = (target[at + 3]! & 0xf0) | ((counters[index]! + advance[slot]!) & 0x0f);
      if (patch & PATCH.pcr) {
        const ticks = Math.floor((index * durationMs * 27_000) / packets);
        writePcr(target, at + 6, (base + Math.floor(ticks / 300)) % CLOCK_WRAP, ticks % 300);
      }
      if (patch & PATCH.pts) writeTimestamp(target, at + timestampAt[index]!, (base + pts[index]!) % CLOCK_WRAP);
      if (patch & PATCH.dts) writeTimestamp(target, at + timestampAt[index]! + 5, (base + dts[index]!) % CLOCK_WRAP);
    }
  }
}
