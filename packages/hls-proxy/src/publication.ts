import { ArrivalGaps } from './arrival-gaps.ts';
import type { Clock, HlsProxySettings, SessionState } from './contract.ts';
import type { HlsProxyError } from './errors.ts';
import { formatPlaylist } from './format-playlist.ts';
import type { Announce } from './lifecycle.ts';
import { LiveWindow, type WindowLimits, type WindowStart } from './live-window.ts';
import { RenderedPlaylist } from './rendered-playlist.ts';
import type { Part, Segment, SegmentSource } from './segment-source.ts';
import type { SegmentSink } from './source-feed.ts';
import { parseName, type StoredSegment } from './stored-segment.ts';
import { Waiters } from './waiters.ts';

/** What outlives a session: its URLs go on where they were. */
export interface SessionMemory {
  readonly window: WindowStart;
  readonly targetDurationMs: number;
}

export interface PublicationOptions {
  readonly key: string;
  readonly settings: HlsProxySettings;
  readonly clock: Clock;
  readonly announce: Announce;
  readonly memory: SessionMemory | undefined;
  /** Bytes that may be kept now. */
  maxBytes(): number;
}

/** Bytes to send, as views of shared memory. */
export interface StoredBytes {
  readonly contentType: string;
  readonly data: readonly Uint8Array[];
  readonly byteLength: number;
}

/** A part is this much of the part target at least, unless it is its segment's last (RFC 8216bis §4.4.3.7). */
const MIN_PART_SHARE = 0.85;

/** What a session publishes: takes segments and parts, keeps the window, has its playlists ready, wakes who waits. */
export class Publication implements SegmentSink {
  readonly window: LiveWindow;
  readonly waiters: Waiters;
  readonly #options: PublicationOptions;
  readonly #startMs: number;
  readonly #gaps = new ArrivalGaps();
  readonly #plain: RenderedPlaylist = new RenderedPlaylist(() => this.#write(false));
  readonly #lowLatency: RenderedPlaylist = new RenderedPlaylist(() => this.#write(true));
  readonly #counts = { total: 0, lost: 0, overlong: 0, bytesIn: 0 };
  #state: SessionState = 'opening';
  #targetDurationMs: number;
  #source: SegmentSource | undefined;
  #joined = false;
  #hasParts = true;
  #partHoldBackMs = 0;
  /** A short part, listed together with what comes after it: only the last of a segment may be short. */
  #held: Part | undefined;

  constructor(options: PublicationOptions) {
    this.#options = options;
    this.#startMs = options.clock.now();
    this.window = new LiveWindow(options.memory?.window);
    this.waiters = new Waiters(options.clock);
    this.#targetDurationMs = options.memory?.targetDurationMs ?? 0;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The source's, or what to expect before there is one. */
  get targetDurationMs(): number {
    return this.#targetDurationMs || this.#options.settings.segment.targetDurationMs;
  }

  get memory(): SessionMemory {
    return { window: this.window.end, targetDurationMs: this.#targetDurationMs };
  }

  /** Undefined where low latency is not to be had. */
  get partHoldBackMs(): number | undefined {
    return this.#hasParts && this.window.listedCount > 0 ? this.#partHoldBackMs : undefined;
  }

  get counts(): Readonly<{ total: number; lost: number; overlong: number; bytesIn: number; playlistsBuilt: number }> {
    return { ...this.#counts, playlistsBuilt: this.#plain.built + this.#lowLatency.built };
  }

  /** The playlist in one of its forms. Without parts there is one form only. */
  rendered(lowLatency: boolean): RenderedPlaylist {
    return lowLatency && this.#hasParts ? this.#lowLatency : this.#plain;
  }

  /** What a name in our playlist stands for, if it is there. */
  bytesOf(name: string): StoredBytes | undefined {
    const parsed = parseName(name);
    if (parsed === undefined) {
      const resource = this.window.findResource(name);
      if (resource === undefined) return undefined;
      const { data, contentType = 'application/octet-stream' } = resource;
      return { contentType, data: [data], byteLength: data.byteLength };
    }
    const segment = this.window.find(parsed.number);
    if (segment === undefined || segment.extension !== parsed.extension || segment.state === 'lost') return undefined;
    const { contentType, parts, byteLength } = segment;
    if (parsed.part !== undefined) {
      const part = parts[parsed.part];
      return part && { contentType, data: part.data, byteLength: part.byteLength };
    }
    if (segment.state === 'open') return undefined;
    segment.whole ??= parts.flatMap(({ data }) => data);
    return { contentType, data: segment.whole, byteLength };
  }

  /** Whether a name stands for what comes next: the segment that arrives, or the part that was hinted at. */
  isArriving(name: string): boolean {
    const parsed = parseName(name);
    if (parsed === undefined || this.#state === 'closed' || this.#state === 'ended') return false;
    const { arrivingNumber, open } = this.window;
    if (parsed.number !== arrivingNumber) return false;
    return parsed.part === undefined ? open !== undefined : parsed.part <= (open?.parts.length ?? 0);
  }

  /** A part past the end of its segment means the first one of the next segment (RFC 8216bis §6.2.5.2). */
  hasReached(msn: number, part: number | undefined): boolean {
    if (this.#state === 'ended') return true;
    const { lastNumber, open } = this.window;
    if (part === undefined) return msn <= lastNumber;
    if (msn < lastNumber) return true;
    if (msn > lastNumber) return open !== undefined && open.number === msn && part < open.parts.length;
    const segment = this.window.find(msn);
    return segment === undefined || part < segment.parts.length || (open !== undefined && open.parts.length > 0);
  }

  begin(segment: Segment, source: SegmentSource, discontinuity: boolean): void {
    if (this.#source !== source) {
      this.#source = source;
      const saidMs = source.targetDurationMs ?? this.#options.settings.segment.targetDurationMs;
      this.#targetDurationMs = Math.max(this.#targetDurationMs, Math.ceil(saidMs / 1000) * 1000);
      this.#gaps.restart();
    }
    this.window.begin(segment, discontinuity || this.#joined);
    this.#joined = false;
  }

  part(part: Part): void {
    if (this.window.open === undefined || part.byteLength === 0) return;
    const { clock, settings } = this.#options;
    const { partTargetMs } = settings.segment;
    this.#gaps.add(clock.now());
    if (this.#state === 'opening' && part.durationMs > partTargetMs + 1) this.#hasParts = false;
    this.#counts.bytesIn += part.byteLength;
    this.#release();
    this.#held = part;
    if (part.durationMs < MIN_PART_SHARE * partTargetMs) return;
    this.#release();
    this.#lowLatency.invalidate();
    this.waiters.wake();
  }

  /** Lists the part that was held back. */
  #release(): void {
    const { open } = this.window;
    if (this.#held !== undefined && open !== undefined) this.window.addPart(open, this.#held);
    this.#held = undefined;
  }

  settle({ state, durationMs, fetchMs }: Parameters<SegmentSink['settle']>[0]): void {
    const segment = this.window.open;
    if (segment === undefined) return;
    this.#release();
    const { number: sequence } = segment;
    const lengthMs = this.#lengthOf(segment, state, durationMs);
    this.#counts.total++;
    if (state === 'lost') this.#counts.lost++;
    if (lengthMs > this.#targetDurationMs) this.#counts.overlong++;
    this.window.settle(segment, { state, durationMs: lengthMs, nowMs: this.#options.clock.now() }, this.#limits());
    this.#partHoldBackMs = Math.max(3 * this.#options.settings.segment.partTargetMs, this.#gaps.p99Ms() + 1_000);
    if (this.#state === 'recovering') this.#state = 'live';
    if (this.window.listedCount >= this.#options.settings.window.minSegments) this.becomeLive();
    this.#changed();
    const lost = state === 'lost';
    this.#options.announce('segment', {
      ...{ key: this.#options.key, sequence, durationMs: lengthMs, byteLength: segment.byteLength, fetchMs, lost },
    });
  }

  recovering(): void {
    this.#joined = true;
    if (this.#state === 'live') this.#state = 'recovering';
  }

  /** There is a window to play, or as much of one as there will be. */
  becomeLive(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'live';
    const firstPlaylistMs = this.#options.clock.now() - this.#startMs;
    this.#options.announce('sessionLive', { key: this.#options.key, firstPlaylistMs });
    this.waiters.wake();
  }

  /** The stream is over: what there is stays as it is. */
  end(): void {
    this.becomeLive();
    this.#state = 'ended';
    this.#changed();
  }

  /** Those who wait are told so. */
  close(refusal: HlsProxyError): void {
    this.#state = 'closed';
    this.waiters.fail(refusal);
  }

  #lengthOf(segment: StoredSegment, state: 'complete' | 'lost', saidMs: number | undefined): number {
    if (saidMs !== undefined && saidMs > 0) return saidMs;
    const arrivedMs = segment.durationMs;
    return state === 'lost' && arrivedMs === 0 ? this.#targetDurationMs : arrivedMs;
  }

  #limits(): WindowLimits {
    const { segments, minSegments } = this.#options.settings.window;
    const { targetDurationMs } = this;
    return { segments, minSegments: Math.max(3, minSegments), maxBytes: this.#options.maxBytes(), targetDurationMs };
  }

  #changed(): void {
    this.#plain.invalidate();
    this.#lowLatency.invalidate();
    this.waiters.wake();
  }

  #write(lowLatency: boolean): string {
    const { partTargetMs } = this.#options.settings.segment;
    return formatPlaylist(this.window, {
      targetDurationMs: this.#targetDurationMs,
      ended: this.#state === 'ended',
      lowLatency: lowLatency ? { partTargetMs, partHoldBackMs: this.#partHoldBackMs } : undefined,
    });
  }
}
