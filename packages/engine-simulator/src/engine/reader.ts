import type { Socket } from 'node:net';
import type { EffectContext } from '../faults/effects/create-effect.ts';
import { EffectChain } from '../faults/effects/effect-chain.ts';
import type { StreamTarget } from '../faults/effects/stream-effect.ts';
import type { Playout } from '../playout/playout.ts';
import { modulo, PACKET_BYTES } from '../playout/timeline.ts';
import type { EngineContext } from './engine-context.ts';
import { findCut } from './find-cut.ts';
import { lastReleaseMs } from './release-schedule.ts';

const TICK_MS = 20;
/** An unpaced reader may be this far ahead of itself: enough that the socket decides. */
const UNPACED_AHEAD_MS = 60_000;
/** The engine loses, skips and starts in pieces of this size. */
const PIECE_BYTES = 16_384;
/** Time for written bytes to leave the machine before a reset, which discards what has not. */
const RESET_AFTER_MS = 20;

/** How a reader's body ends when the engine ends it. */
export type ReaderEnd = 'eof' | 'reset' | 'silence';

/**
 * Sends the stream of one content to one socket: what is cached at the speed of the socket, then what becomes due, in
 * the engine's uneven bursts. A socket that is full is left alone until it drains; the place in the stream stays.
 *
 *     ──┬───────────────────────┬─────────────────────┬────────────────────┬──▶ stream time
 *     live buffer begins     offset (next byte)    last release         now - lag
 *     (behind it: jump)      burst back at first   (sent up to here)
 */
export class Reader implements StreamTarget {
  readonly infohash: string;
  readonly openedAtMs: number;
  readonly #context: EngineContext;
  readonly #socket: Socket;
  readonly #content: Playout;
  readonly #chain: EffectChain;
  readonly #seed: number;
  /** What plays: the content, or what a fault put in its place. */
  #base: Playout;
  /** What plays, with what faults do to its bytes. */
  #playout: Playout;
  #offset: number;
  #bytesSent = 0;
  #jumps = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** Starts to send. The caller has sent the head; the reader ends with the socket. */
  constructor(
    context: EngineContext,
    socket: Socket,
    content: { readonly infohash: string; readonly playout: Playout },
  ) {
    this.infohash = content.infohash;
    this.openedAtMs = context.settings.now();
    this.#context = context;
    this.#socket = socket;
    this.#content = content.playout;
    this.#base = content.playout;
    this.#playout = content.playout;
    this.#seed = Number.parseInt(content.infohash.slice(0, 8), 16) ^ context.settings.seed;
    this.#offset = this.#joinOffset();
    this.#chain = new EffectChain(context.faults, this);

    socket.on('drain', this.#onDrain);
    socket.once('close', () => this.#halt());
    this.#timer = setInterval(() => this.#pump(), TICK_MS);
    this.#pump();
  }

  get offset(): number {
    return this.#offset;
  }

  get positionMs(): number {
    return this.#playout.timeOf(this.#offset);
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** How often the reader fell out of the live buffer and was moved forward. */
  get jumps(): number {
    return this.#jumps;
  }

  /** Whether no more bytes will be sent; the socket may still be open. */
  get ended(): boolean {
    return this.#ended;
  }

  skipMs(ms: number): void {
    const bytes = (ms / 1000) * this.#playout.bytesPerSecond;
    this.#offset += Math.round(bytes / PIECE_BYTES) * PIECE_BYTES;
  }

  end(how: ReaderEnd = 'eof'): void {
    if (this.#ended) return;
    this.#halt();
    if (how === 'eof') this.#socket.end();
    else if (how === 'reset') this.#resetSoon();
  }

  reset(): void {
    this.end('reset');
  }

  #halt(): void {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#socket.off('drain', this.#onDrain);
  }

  #resetSoon(): void {
    this.#socket.write('', () => setTimeout(() => this.#socket.resetAndDestroy(), RESET_AFTER_MS));
  }

  // From the drain event itself a fast reader would keep the event loop from everything else.
  readonly #onDrain = (): void => {
    setImmediate(() => this.#pump());
  };

  #pump(): void {
    while (!this.#ended && !this.#socket.writableNeedDrain && !this.#socket.destroyed) {
      const length = this.#nextLength();
      if (length <= 0) return;
      const bytes = this.#playout.read(this.#offset, length);
      this.#offset += length;
      this.#bytesSent += length;
      this.#socket.write(bytes);
    }
  }

  /** How many bytes may be written now; brings faults, and the place in the stream, up to date. */
  #nextLength(): number {
    const effects = this.#effectContext();
    const { nowMs, dueMs } = effects;
    this.#chain.update(effects);
    if (this.#ended) return 0;
    const untilSwitch = this.#follow(nowMs);
    const allowedMs = this.#chain.dueMs(dueMs, nowMs);
    this.#catchUp(dueMs, allowedMs);
    // Handed on in whole chunks of the stream, as pieces arrive in an engine; so writes do not end on packets.
    const { readChunkBytes } = this.#context.settings;
    const due = Math.floor(this.#playout.offsetAt(allowedMs) / readChunkBytes) * readChunkBytes;
    const untilChunkEnd = readChunkBytes - modulo(this.#offset, readChunkBytes);
    return Math.min(due - this.#offset, untilChunkEnd, untilSwitch, this.#chain.allowanceBytes);
  }

  /**
   * Moves to what plays now. One stream gives way to another between packets, and the new one begins at a PAT: returns
   * how many bytes of the old one must go first.
   */
  #follow(nowMs: number): number {
    const base = this.#chain.replacement(nowMs) ?? this.#content;
    if (base !== this.#base) {
      const within = modulo(this.#offset, PACKET_BYTES);
      if (within !== 0) return PACKET_BYTES - within;
      const positionMs = this.positionMs;
      this.#base = base;
      this.#offset = findCut(base, positionMs)?.offset ?? base.offsetAt(positionMs);
    }
    this.#playout = this.#chain.decorate(base);
    return Number.POSITIVE_INFINITY;
  }

  /** A reader that the live buffer has left behind goes on where a new one would begin. */
  #catchUp(dueMs: number, allowedMs: number): void {
    const { rate, liveBufferMs, liveBufferBytes } = this.#context.settings;
    if (rate === 'unpaced' || allowedMs < dueMs) return;
    const oldest = Math.max(
      this.#playout.offsetAt(dueMs - liveBufferMs),
      this.#playout.offsetAt(dueMs) - liveBufferBytes,
    );
    if (this.#offset >= oldest) return;
    const pieces = Math.max(0, Math.ceil((this.#joinOffset() - this.#offset) / PIECE_BYTES));
    this.#offset += pieces * PIECE_BYTES;
    this.#jumps += 1;
  }

  #effectContext(): EffectContext {
    const { settings, otherPlayout } = this.#context;
    const nowMs = settings.now();
    const dueMs =
      settings.rate === 'unpaced'
        ? this.positionMs + UNPACED_AHEAD_MS
        : lastReleaseMs(nowMs, settings.unevenness, this.#seed) - settings.lagMs;
    return { nowMs, dueMs, otherPlayout };
  }

  #joinOffset(): number {
    const { now, lagMs, burstMs, liveBufferBytes, startMidPacket } = this.#context.settings;
    const liveMs = now() - lagMs;
    const live = this.#playout.offsetAt(liveMs);
    const bufferBytes = Math.floor(liveBufferBytes / PACKET_BYTES) * PACKET_BYTES;
    const offset = Math.max(this.#playout.offsetAt(liveMs - burstMs), live - bufferBytes);
    return startMidPacket ? Math.floor(offset / PIECE_BYTES) * PIECE_BYTES : offset;
  }
}
