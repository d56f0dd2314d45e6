import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ContentRef } from '@acestream-orchestrator/engine-orchestrator/ace';
import {
  HlsProxy,
  type HlsProxyHooks,
  type HlsProxyStats,
  type OpenSegments,
  type SessionStats,
} from '@acestream-orchestrator/hls-proxy';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';
import { runningStreamOf } from './playback.ts';
import { toApiError } from './playback-error.ts';

/** Whole frames of 24 to 60 per second fill such a part to more than nine tenths, and so do the usual ones of AAC. */
export const partTargetMs = 350;

/** Where segments come from. */
export interface SegmentSupply {
  readonly open: OpenSegments;
  /** The key under which a content is published. */
  keyOf(ref: ContentRef): string;
  /** A player asks for this content under this key. */
  expect(key: string, ref: ContentRef): void;
  /** The key of the stream that is published under a key. */
  streamOf(key: string): string;
  /** The engine whose segments viewers get under a key; undefined where they are cut from a stream. */
  engineOf?(key: string): string | undefined;
  /** What is published under this key has gone over to the source that was opened last to be moved to. */
  moved?(key: string): void;
  /** What is published under this key has begun, or is over. */
  live?(key: string, firstPlaylistMs: number): void;
  ended(key: string, end: Parameters<NonNullable<HlsProxyHooks['sessionEnd']>>[0]): void;
  /** Resolves when nothing is being opened, or tidied up after. */
  settled?(): Promise<void>;
}

export interface HlsPlaybackOptions {
  readonly config: Config;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  readonly supply: SegmentSupply;
  readonly lingerMs: number;
  /** The last player of something has left, which lingers now. {@link HlsPlayback.reclaim} ends that. */
  readonly onLinger: () => void;
  readonly memoryBytes: number;
}

/** A request of a player, and where its answer goes. */
export interface HlsExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of the player. */
  readonly address: string;
  /** What a player that enters was let in with. */
  readonly grant?: string | undefined;
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** Plays contents as HLS. */
export class HlsPlayback {
  readonly #supply: SegmentSupply;
  readonly #proxy: HlsProxy;

  constructor({ config, metrics, log, supply, lingerMs, onLinger, memoryBytes }: HlsPlaybackOptions) {
    this.#supply = supply;
    this.#proxy = new HlsProxy({
      open: supply.open,
      // Keys come from contents that have been looked at, never from a URL.
      keyOf: () => undefined,
      on: { ...hooksOf(supply, metrics, log), sessionLinger: onLinger },
      segment: { targetDurationMs: config.hlsTargetDurationSeconds * 1000, partTargetMs },
      window: { segments: config.hlsWindowSegments, firstPlaylistMs: config.hlsFirstPlaylistMs },
      linger: { ms: lingerMs },
      recovery: { maxOutageMs: config.maxOutageMs },
      limits: { sessions: config.maxStreams, viewersPerSession: config.maxClientsPerStream, memoryBytes },
      lowLatency: config.hlsLowLatency === 'on',
    });
  }

  /** Sends a player to a playlist of its own, once there is one. Rejects with an ApiError before anything is sent. */
  async enter(ref: ContentRef, { request, response, address, grant, signal }: HlsExchange): Promise<void> {
    const admission = { ...(grant !== undefined && { grant }), ...(signal !== undefined && { signal }) };
    for (let key = this.#supply.keyOf(ref); ; ) {
      this.#supply.expect(key, ref);
      try {
        return await this.#proxy.serve(request, response, { key, address, ...admission });
      } catch (error) {
        const runsAs = runningStreamOf(error);
        if (runsAs === undefined) return refuse(error);
        key = runsAs;
      }
    }
  }

  /** Answers for a URL that a viewer found in its playlist. Rejects with an ApiError before anything is sent. */
  async serve({ request, response, address }: HlsExchange): Promise<void> {
    await this.#proxy.serve(request, response, { address }).catch(refuse);
  }

  /** Ends the viewers that were let in with a grant. Returns how many those were. */
  revoke(grant: string): number {
    return this.#proxy.revoke(grant);
  }

  stats(): HlsProxyStats {
    return this.#proxy.stats();
  }

  /** The sessions that publish a stream: one, or two while it is asked for under two names. */
  of(streamKey: string): readonly SessionStats[] {
    return this.#proxy.stats().sessions.filter(({ key }) => this.#supply.streamOf(key) === streamKey);
  }

  /** Ends what publishes a stream. False when nothing does. */
  async stop(streamKey: string): Promise<boolean> {
    const stopped = await Promise.all(this.of(streamKey).map(({ key }) => this.#proxy.stop(key)));
    return stopped.includes(true);
  }

  /** The engine whose segments the viewers of a stream get; undefined where they are cut from the stream. */
  engineOf(streamKey: string): string | undefined {
    return this.#supply.engineOf?.(streamKey);
  }

  /** Opens segments beside those that a stream is published from, and goes over to them. False when that came to nothing. */
  move(streamKey: string): Promise<boolean> {
    return this.#proxy.move(streamKey);
  }

  /** Makes room on the engine of a stream: it is moved, or ends where it only lingers. */
  async leave(streamKey: string): Promise<void> {
    if (this.#proxy.stats(streamKey)?.lingering) await this.#proxy.stop(streamKey);
    else await this.#proxy.move(streamKey);
  }

  reclaim(): boolean {
    return this.#proxy.reclaim();
  }

  async close(): Promise<void> {
    await this.#proxy.close();
    await this.#supply.settled?.();
  }
}

/** The player has gone, or is told what went wrong. */
function refuse(error: unknown): never {
  if (error instanceof DOMException && error.name === 'AbortError') throw error;
  throw toApiError(error);
}

function hooksOf(supply: SegmentSupply, metrics: PerfMetrics<Operation>, log: Log): HlsProxyHooks {
  return {
    // What a playlist waited for is media, and no work of ours.
    playlist: ({ durationMs, waited }) => {
      if (!waited) metrics.record('hls_manifest_generation', durationMs, true);
    },
    segment: ({ fetchMs, lost }) => metrics.record('hls_segment_fetch', fetchMs, !lost),
    sessionLive({ key, firstPlaylistMs }) {
      supply.live?.(key, firstPlaylistMs);
      log.debug({ stream: key, first_playlist_ms: Math.round(firstPlaylistMs) }, 'hls started');
    },
    moved: ({ key }) => supply.moved?.(key),
    sourceEnd: ({ key, attempt, segments, error }) =>
      log.debug({ stream: key, attempt, segments, err: error }, 'hls source ended'),
    sessionEnd(end) {
      supply.ended(end.key, end);
      const { key, reason, durationMs, segments } = end;
      log.debug({ stream: key, reason, duration_ms: Math.round(durationMs), segments }, 'hls ended');
    },
    viewerStart: ({ key, viewer }) => log.debug({ stream: key, viewer: viewer.slice(0, 8) }, 'hls viewer joined'),
    viewerEnd: ({ key, viewer, reason, bytesSent }) =>
      log.debug({ stream: key, viewer: viewer.slice(0, 8), reason, bytes_sent: bytesSent }, 'hls viewer left'),
    closeFailed: ({ key, error }) => log.warn({ stream: key, err: error }, 'hls source did not close cleanly'),
  };
}
