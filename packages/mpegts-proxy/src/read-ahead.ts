import type { Clock, ProxySettings } from './contract.ts';
import { MediaLead } from './media-lead.ts';
import type { StreamBuffer } from './stream-buffer.ts';

/** Those who read the buffer, as far as their places matter. */
export interface Readers {
  readonly clientCount: number;
  /** Place of the one who is furthest; 0 when there is none. */
  readonly leadingOffset: number;
  hasReached(offset: number): boolean;
}

export interface ReadAheadOptions {
  readonly buffer: StreamBuffer;
  readonly readers: Readers;
  readonly settings: ProxySettings;
  readonly clock: Clock;
  /** What the ring may take now. */
  readonly ringLimitBytes: () => number;
}

/**
 * How far a source is ahead: of the leading client, which is when it has to wait, and of real time, which is what players
 * have in store. Slow clients do not count.
 */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #lead: MediaLead;

  constructor(options: ReadAheadOptions) {
    this.#options = options;
    this.#lead = new MediaLead(options.settings.recovery.minLeadMs);
  }

  /** Whether more is ahead of the leading client than a ring should be asked to hold. */
  get isFar(): boolean {
    const { readers, buffer, settings, ringLimitBytes } = this.#options;
    if (readers.clientCount === 0) return false;
    const { ring, index } = buffer;
    const byTime = index.timeline.offsetAt(index.timeline.headMs - settings.ring.maxAheadMs) ?? ring.tail;
    return !readers.hasReached(Math.max(ring.head - ringLimitBytes() / 2, byTime));
  }

  /** Whether the source in use delivers less than is played, and players are about to notice. */
  isSpent(nowMs: number): boolean {
    return this.#lead.isSpent(this.#options.buffer.index.timeline.headMs, nowMs);
  }

  /** Another source is in use: what it has to keep up begins with its first byte. */
  start(nowMs: number): void {
    this.#lead.restart(this.#options.buffer.index.timeline.headMs, nowMs);
  }

  /** The source in use goes on after a pause: counted anew, from what the leading client has in store. */
  goOn(): void {
    const { buffer, readers, clock } = this.#options;
    const { leadingOffset } = readers;
    const leadMs = buffer.ring.head > leadingOffset ? buffer.lagMs(leadingOffset) : 0;
    this.#lead.restart(buffer.index.timeline.headMs, clock.now(), leadMs);
  }
}
