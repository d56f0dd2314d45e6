import { setTimeout as delay } from 'node:timers/promises';
import type { EngineOrchestrator, Lease } from '@acestream-orchestrator/engine-orchestrator';
import { AceError, type ContentRef, contentKey } from '@acestream-orchestrator/engine-orchestrator/ace';
import {
  fromPlaylist,
  HlsProxyError,
  type OpenSegments,
  type Segment,
  type SegmentSource,
} from '@acestream-orchestrator/hls-proxy';
import { type SourceEndReason, SourceError } from '@acestream-orchestrator/mpegts-proxy';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Config } from '../config.ts';
import type { Attempt } from '../diagnosis/attempt.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';
import type { LoopingStreams } from '../streams/looping-streams.ts';
import type { SegmentSupply } from './hls-playback.ts';
import { LeasedEngine, type Outcome, sharersOf } from './leased-engine.ts';
import { isDraining, mindLease } from './mind-lease.ts';
import { loopingError, toApiError } from './playback-error.ts';
import type { StreamEvents } from './stream-events.ts';

/** Contents that are remembered at most: more than HLS sessions and the URLs of ended ones. */
const maxContents = 3_000;
/** An engine's segments last four to six seconds: one whose playlist stands still for so long is left. */
const giveUpMs = 15_000;
/** A fresh session may answer 500 while it is still prebuffering. */
const playlistRetries = 5;
const playlistRetryMs = 500;

export interface EngineSegmentsOptions {
  readonly orchestrator: EngineOrchestrator;
  /** Every engine that is leased now, those of MPEG-TS streams among them. */
  readonly leased: Set<LeasedEngine>;
  readonly events: StreamEvents;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  readonly config: Config;
  readonly looping: Pick<LoopingStreams, 'has'>;
  readonly diagnosis: Diagnosis;
  /** The key of a content among leases: the same as for MPEG-TS, so that no engine plays it twice. */
  readonly keyOf: (ref: ContentRef) => string;
}

/** What is played under a key. */
interface Content {
  readonly ref: ContentRef;
  /** The engine that its session was opened on last. */
  engineId: string | undefined;
  /** The source that viewers had before, until another one delivers. */
  lost: { readonly engineId: string; readonly reason: SourceEndReason; readonly atMs: number } | undefined;
}

/** What a source is opened for. */
interface Opening {
  readonly key: string;
  readonly content: Content;
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
}

/** Takes the segments of HLS sessions from the HLS of engines: a session of its own on an engine for each content. */
export class EngineSegments implements SegmentSupply {
  readonly #options: EngineSegmentsOptions;
  readonly #contents = new Map<string, Content>();

  constructor(options: EngineSegmentsOptions) {
    this.#options = options;
  }

  expect(key: string, ref: ContentRef): void {
    const content = this.#contents.get(key) ?? { ref, engineId: undefined, lost: undefined };
    this.#contents.delete(key);
    this.#contents.set(key, content);
    const [oldest] = this.#contents.keys();
    if (this.#contents.size > maxContents && oldest !== undefined) this.#contents.delete(oldest);
  }

  /** Not the key of the MPEG-TS stream, which may run beside it. */
  keyOf(ref: ContentRef): string {
    return `hls:${this.#options.keyOf(ref)}`;
  }

  streamOf(key: string): string {
    return key;
  }

  live(key: string, firstPlaylistMs: number): void {
    const source = this.#contents.get(key)?.engineId ?? '';
    this.#options.events.hooks.sessionLive?.({ key, source, firstByteMs: firstPlaylistMs });
  }

  ended(key: string, { reason, durationMs, segments, bytesSent }: Parameters<SegmentSupply['ended']>[1]): void {
    const content = this.#contents.get(key);
    if (content !== undefined) Object.assign(content, { engineId: undefined, lost: undefined });
    this.#options.events.ended(key, { reason, durationMs, figures: { segments, bytes_out: bytesSent } });
  }

  readonly open: OpenSegments = async (key, { signal }) => {
    const content = this.#contents.get(key);
    if (content === undefined) throw new TypeError(`Nobody asked for ${key}`);
    const { diagnosis, keyOf } = this.#options;
    const attempt = diagnosis.begin(keyOf(content.ref), content.ref, content.engineId !== undefined);
    try {
      for (const tried: string[] = []; ; ) {
        const lease = await this.#lease(content, tried, signal).catch((error: unknown) => {
          attempt.step('lease', false, faultOf(error));
          throw error;
        });
        const engine = lease.engine.id;
        attempt.step('lease', true, { engine });
        tried.push(engine);
        const source = await this.#openOn(lease, { key, content, attempt, signal });
        if (source !== undefined) return source;
      }
    } catch (error) {
      endAttempt(attempt, error, signal);
      throw error;
    }
  };

  async #lease({ ref, engineId }: Content, exclude: readonly string[], signal: AbortSignal): Promise<Lease> {
    const { orchestrator, metrics, config, keyOf } = this.#options;
    const isRecovery = engineId !== undefined;
    const options = {
      ...{ signal, exclude, evenIfDead: isRecovery },
      avoid: isRecovery ? [engineId] : [],
      // A player hears that there is no place before it hears that there is no playlist.
      timeoutMs: Math.floor(Math.min(config.startTimeoutMs, config.hlsFirstPlaylistMs) / 2),
    };
    try {
      return await metrics.measure('lease_acquire', () => orchestrator.acquire(keyOf(ref), options));
    } catch (error) {
      if (signal.aborted || isRecovery) throw error;
      // Long enough has been waited: trying again at once would only delay the answer.
      throw new SourceError('refused', 'other', 'No engine can be had', { cause: error, retryable: false });
    }
  }

  /** Undefined when the content turns out to be played on this engine already, under another name. */
  async #openOn(lease: Lease, opening: Opening): Promise<SegmentSource | undefined> {
    const { key, content, attempt, signal } = opening;
    const { leased, metrics, log, config, events, looping } = this.#options;
    const engine: LeasedEngine = new LeasedEngine({
      ...{ lease, metrics, log, output: 'hls' },
      openTimeoutMs: config.startTimeoutMs,
      stopTimeoutMs: config.stopTimeoutMs,
      isShared: (asked) => sharersOf(asked, leased).some((other) => !other.isEnding || other.isStopping),
    });
    leased.add(engine);
    try {
      const session = await engine.open(content.ref, signal);
      lease.identify(contentKey({ ...content.ref, kind: 'infohash', value: session.infohash }));
      if (looping.has(session.infohash)) throw loopingError(content.ref.value);
      if (sharersOf(engine, leased).length > 0) {
        await this.#end(engine, key, 'ok');
        return undefined;
      }
      content.engineId = lease.engine.id;
      attempt.infohash = session.infohash;
      attempt.step('load', true, { engine: lease.engine.id });
      events.opened(key, content.ref, engine, session);
      return this.#read(engine, opening, session.playbackUrl);
    } catch (error) {
      attempt.step('load', false, { engine: lease.engine.id, ...faultOf(error) });
      const outcome = error instanceof AceError ? (error.outcome ?? 'ok') : 'ok';
      await this.#end(engine, key, outcome);
      throw error;
    }
  }

  #read(engine: LeasedEngine, { key, content, attempt, signal }: Opening, playbackUrl: string): SegmentSource {
    const { orchestrator, config, events } = this.#options;
    const { id } = engine.lease.engine;
    const over = new AbortController();
    const stopMinding = mindLease(engine.lease.signal, {
      isPlaying: () => true,
      giveUp: (reason) => over.abort(reason),
      onDrain: () => {
        if (orchestrator.capacity().available > 0) over.abort(engine.lease.signal.reason);
      },
    });
    const reading = AbortSignal.any([signal, over.signal]);
    // The first one is answered after prebuffering.
    const follow = (): SegmentSource =>
      fromPlaylist(playbackUrl, { signal: reading, playlistTimeoutMs: config.startTimeoutMs, giveUpMs });
    let playlist = follow();
    let outcome: Outcome = 'ok';
    let deliveredMs = 0;
    const took = (segment: Segment): void => {
      orchestrator.observe(id, 'bytes');
      deliveredMs += segment.expectedDurationMs ?? 0;
      attempt.played(id);
      const { lost } = content;
      if (lost === undefined) return;
      content.lost = undefined;
      const gapMs = performance.now() - lost.atMs;
      const splice = { splice: 'cut', gapMs, clientGapMs: gapMs, droppedBytes: 0, skippedBytes: undefined } as const;
      events.hooks.spliced?.({
        key,
        from: lost.engineId,
        to: id,
        reason: lost.reason,
        at: Date.now() - gapMs,
        ...splice,
      });
    };
    const failed = (error: unknown): void => {
      if (error instanceof HlsProxyError) outcome = outcomeOf(error);
      attempt.step('first_byte', false, { engine: id, ...faultOf(error) });
      endAttempt(attempt, error, signal);
      if (signal.aborted) return;
      const reason = reasonOf(error, deliveredMs > 0);
      events.hooks.sourceEnd?.({ key, source: id, reason, deliveredMs, error });
      if (deliveredMs > 0) content.lost = { engineId: id, reason, atMs: performance.now() };
    };
    async function* segments(): AsyncGenerator<Segment, void, undefined> {
      for (let retry = 0; ; retry++) {
        try {
          for await (const segment of playlist) {
            took(segment);
            yield segment;
          }
          return;
        } catch (error) {
          if (deliveredMs > 0 || !isPrebuffering(error) || retry >= playlistRetries) {
            failed(error);
            throw error;
          }
        }
        await playlist.close?.('failed');
        await delay(playlistRetryMs, undefined, { signal: reading }).catch(() => reading.throwIfAborted());
        playlist = follow();
      }
    }
    return {
      get targetDurationMs() {
        return playlist.targetDurationMs;
      },
      [Symbol.asyncIterator]: segments,
      close: async (reason) => {
        stopMinding();
        await playlist.close?.(reason);
        await this.#end(engine, key, outcome);
      },
    };
  }

  async #end(engine: LeasedEngine, key: string, outcome: Outcome): Promise<void> {
    const { events, leased, orchestrator } = this.#options;
    const { id } = engine.lease.engine;
    if (outcome === 'engine-bad') orchestrator.observe(id, 'failure');
    events.closed(key, id);
    await engine.end(outcome).finally(() => leased.delete(engine));
  }
}

function isPrebuffering(error: unknown): boolean {
  return error instanceof HlsProxyError && (error.upstreamStatus ?? 0) >= 500;
}

/** An engine that answers, whatever it says, is there: it is the content that it cannot bring. */
function outcomeOf({ code }: HlsProxyError): Outcome {
  return code === 'upstream_unreachable' ? 'engine-bad' : 'content-bad';
}

function reasonOf(error: unknown, delivered: boolean): SourceEndReason {
  if (isDraining(error)) return 'moved';
  if (!(error instanceof HlsProxyError) || error.code === 'upstream_unreachable')
    return delivered ? 'reset' : 'refused';
  return error.code === 'upstream_stale' ? 'stalled' : 'bad-response';
}

/** As a player would be told. */
function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  return { code: toApiError(error).code, message: error instanceof Error ? error.message : String(error) };
}

function endAttempt(attempt: Attempt, error: unknown, signal: AbortSignal): void {
  if (signal.aborted) return attempt.left();
  const { code, message } = faultOf(error);
  attempt.failed(code, message);
}
