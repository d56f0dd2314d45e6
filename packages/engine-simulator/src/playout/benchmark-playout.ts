import { writeStamp } from './benchmark-stamp.ts';
import { type ChannelIdentity, LoopPlayout } from './loop-playout.ts';
import type { LoopTemplate } from './loop-template.ts';
import type { Playout } from './playout.ts';
import { PACKET_BYTES, readUnaligned } from './timeline.ts';

/** A benchmark loop played out for ever, each packet stamped with its number in the stream and the time it is due. */
export class BenchmarkPlayout implements Playout {
  readonly bytesPerSecond: number;
  readonly loopBytes: number;
  readonly #loop: LoopPlayout;

  constructor(template: LoopTemplate, identity: ChannelIdentity) {
    this.#loop = new LoopPlayout(template, identity);
    this.bytesPerSecond = this.#loop.bytesPerSecond;
    this.loopBytes = this.#loop.loopBytes;
  }

  offsetAt(wallMs: number): number {
    return this.#loop.offsetAt(wallMs);
  }

  timeOf(offset: number): number {
    return this.#loop.timeOf(offset);
  }

  /** @throws RangeError also when offset is negative: sequence numbers start at 0. */
  read(offset: number, length: number): Uint8Array {
    if (offset < 0) throw new RangeError(`read: a benchmark stream starts at offset 0, got ${offset}`);
    return readUnaligned(offset, length, (target, packet, count) => {
      this.#loop.render(target, packet, count);
      for (let index = 0; index < count; index++) {
        const dueMs = this.#loop.timeOf((packet + index) * PACKET_BYTES);
        writeStamp(target, index * PACKET_BYTES, packet + index, Math.floor(dueMs * 1000));
      }
    });
  }
}
