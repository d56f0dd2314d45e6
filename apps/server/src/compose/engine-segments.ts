import type { EngineOrchestrator, Lease } from '@acestream-orchestrator/engine-orchestrator';
import { AceError, type ContentRef, contentKey } from '@acestream-orchestrator/engine-orchestrator/ace';
import type { OpenContext, OpenSegments, SegmentSource } from '@acestream-orchestrator/hls-proxy';
import { SourceError } from '@acestream-orchestrator/mpegts-proxy';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Config } from '../config/config.ts';
import type { Attempt } from '../diagnosis/attempt.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';
import type { LoopingStreams } from '../streams/looping-streams.ts';
import type { StreamKeys } from '../streams/stream-keys.ts';
import { EngineSegmentSource, type SplicedContent } from './engine-segment-source.ts';
import { enginesBut, moveWaitMs } from './engines-but.ts';
import type { SegmentSupply } from './hls-playback.ts';
import { LeasedEngine, type Outcome } from './leased-engine.ts';
import { loopingError } from './playback-error.ts';
import { RememberedContents } from './remembered-contents.ts';
import { endAttempt, faultOf } from './segment-failure.ts';
import { ContentRunsError, ContentStoppingError } from './source-failure.ts';
import type { StreamEvents } from './stream-events.ts';

export interface EngineSegmentsOptions {
  readonly orchestrator: EngineOrchestrator;
  /** Every engine that is leased now, those of MPEG-TS streams among them. */
  readonly leased: Set<LeasedEngine>;
  readonly keys: StreamKeys;
  readonly events: StreamEvents;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  readonly config: Config;
  readonly looping: Pick<LoopingStreams, 'has'>;
  readonly diagnosis: Diagnosis;
  /** The key of a content among leases: the same as for MPEG-TS, so that no engine plays it twice. */
  readonly keyOf: (ref: ContentRef) => string;
  /** The engine that plays this is to be emptied. */
  readonly leave: (key: string) => void;
  /** Where a stream is to be moved; undefined for any other engine. */
  readonly targetOf: (key: string) => string | undefined;
}

/** What is played under a key. */
interface Content extends SplicedContent {
  readonly ref: ContentRef;
  /** The engine that its session was opened on last. */
  engineId: string | undefined;
}

const unplayed = { engineId: undefined, playing: undefined, successor: undefined, lost: undefined };

/** What a source is opened for. */
interface Opening extends Pick<OpenContext, 'signal' | 'moving'> {
  readonly key: string;
  readonly content: Content;
  readonly attempt: Attempt;
}

/** Takes the segments of HLS sessions from the HLS of engines: a session of its own on an engine for each content. */
export class EngineSegments implements SegmentSupply {
  readonly #options: EngineSegmentsOptions;
  readonly #contents = new RememberedContents<Content>();
  /** What may still have a session on an engine without being a source yet. */
  readonly #opening = new Set<Promise<unknown>>();

  constructor(options: EngineSegmentsOptions) {
    this.#options = options;
  }

  expect(key: string, ref: ContentRef): void {
    this.#contents.expect(key, { ref, ...unplayed });
  }

  keyOf(ref: ContentRef): string {
    const { keys } = this.#options;
    const key = hlsKey(contentKey(ref));
    const infohashKey = keys.infohashOf(contentKey(ref));
    if (infohashKey !== undefined) keys.know(key, hlsKey(infohashKey));
    return keys.resolve(key);
  }

  streamOf(key: string): string {
    return key;
  }

  engineOf(key: string): string | undefined {
    return this.#contents.get(key)?.playing?.engineId;
  }

  moved(key: string): void {
    const content = this.#contents.get(key);
    const successor = content?.successor;
    if (content === undefined || successor === undefined) return;
    content.engineId = successor.engineId;
    successor.takeOver();
  }

  async settled(): Promise<void> {
    while (this.#opening.size > 0) await Promise.allSettled(this.#opening);
  }

  live(key: string, firstPlaylistMs: number): void {
    const source = this.engineOf(key) ?? '';
    this.#options.events.hooks.sessionLive?.({ key, source, firstByteMs: firstPlaylistMs });
  }

  ended(key: string, { reason, durationMs, segments, bytesSent }: Parameters<SegmentSupply['ended']>[1]): void {
    const content = this.#contents.get(key);
    if (content !== undefined) Object.assign(content, unplayed);
    this.#contents.release(key);
    this.#options.events.ended(key, { reason, durationMs, figures: { segments, bytes_out: bytesSent } });
  }

  readonly open: OpenSegments = (key, context) => {
    const opening = this.#open(key, context).finally(() => this.#opening.delete(opening));
    this.#opening.add(opening);
    return opening;
  };

  async #open(key: string, { signal, moving }: OpenContext): Promise<SegmentSource> {
    signal.throwIfAborted();
    const content = this.#contents.use(key);
    const { diagnosis, keyOf } = this.#options;
    const attempt = diagnosis.begin(keyOf(content.ref), content.ref, content.engineId !== undefined);
    const opening = { key, content, attempt, signal, moving };
    try {
      for (;;) {
        const lease = await this.#lease(opening).catch((error: unknown) => {
          attempt.step('lease', false, faultOf(error));
          throw error;
        });
        attempt.step('lease', true, { engine: lease.engine.id });
        const source = await this.#openOn(lease, opening);
        if (source !== undefined) return source;
      }
    } catch (error) {
      endAttempt(attempt, error, signal);
      throw error;
    }
  }

  async #lease({ key, content, moving, signal }: Opening): Promise<Lease> {
    const { orchestrator, metrics, config, keyOf, targetOf } = this.#options;
    const { ref, engineId, playing } = content;
    const isRecovery = engineId !== undefined;
    const exclude = moving && playing !== undefined ? enginesBut(orchestrator, targetOf(key), playing.engineId) : [];
    const options = {
      ...{ signal, exclude, evenIfDead: isRecovery },
      avoid: [playing?.engineId, engineId].filter((id) => id !== undefined),
      // A player hears that there is no place before it hears that there is no playlist.
      timeoutMs: moving ? moveWaitMs : Math.floor(Math.min(config.startTimeoutMs, config.hlsFirstPlaylistMs) / 2),
    };
    try {
      return await metrics.measure('lease_acquire', () => orchestrator.acquire(keyOf(ref), options));
    } catch (error) {
      if (signal.aborted || isRecovery) throw error;
      // Long enough has been waited: trying again at once would only delay the answer.
      throw new SourceError('refused', 'other', 'No engine can be had', { cause: error, retryable: false });
    }
  }

  /** Undefined when the content is on this engine already, under another name or as MPEG-TS: it plays on there. */
  async #openOn(lease: Lease, opening: Opening): Promise<SegmentSource | undefined> {
    const { key, content, attempt, signal, moving } = opening;
    const { orchestrator, leased, metrics, log, config, events } = this.#options;
    const engine = new LeasedEngine({
      ...{ lease, leased, metrics, log, output: 'hls' },
      openTimeoutMs: config.startTimeoutMs,
      stopTimeoutMs: config.stopTimeoutMs,
    });
    try {
      const session = await engine.open(content.ref, signal);
      this.#claim(engine, opening);
      if (engine.isDisturbed) throw new ContentStoppingError(`Engine ${lease.engine.id} plays ${key} already`);
      if (!moving) content.engineId = lease.engine.id;
      attempt.infohash = session.infohash;
      attempt.step('load', true, { engine: lease.engine.id });
      events.opened(key, content.ref, engine, session);
      const source = new EngineSegmentSource({
        ...{ key, content, attempt, signal, playbackUrl: session.playbackUrl, lease },
        ...{ hooks: events.hooks, firstPlaylistMs: config.startTimeoutMs },
        onDrain: () => this.#options.leave(key),
        onSegment: () => orchestrator.observe(lease.engine.id, 'bytes'),
        end: (outcome) => this.#end(engine, key, outcome),
      });
      if (moving) content.successor = source;
      return source;
    } catch (error) {
      const outcome = error instanceof AceError ? (error.outcome ?? 'ok') : 'ok';
      await this.#end(engine, key, outcome);
      if (!(error instanceof ContentStoppingError)) {
        attempt.step('load', false, { engine: lease.engine.id, ...faultOf(error) });
        throw error;
      }
      this.#claim(engine, opening);
      return undefined;
    }
  }

  /** Makes a content this key's, unless it is published under another one. */
  #claim({ lease, infohash }: LeasedEngine, { key, content: { ref }, signal }: Opening): void {
    const { keys, looping } = this.#options;
    signal.throwIfAborted();
    if (infohash === undefined) return;
    const infohashKey = contentKey({ ...ref, kind: 'infohash', value: infohash });
    lease.identify(infohashKey);
    if (looping.has(infohash)) throw loopingError(ref.value);
    keys.know(contentKey(ref), infohashKey);
    const owner = keys.learn(key, hlsKey(infohashKey));
    if (owner !== key) throw new ContentRunsError(owner);
  }

  async #end(engine: LeasedEngine, key: string, outcome: Outcome): Promise<void> {
    const { events, orchestrator } = this.#options;
    const { id } = engine.lease.engine;
    if (outcome === 'engine-bad') orchestrator.observe(id, 'failure');
    events.closed(key, id);
    await engine.end(outcome);
  }
}

/** Not the key of the MPEG-TS stream, which may run beside it. */
function hlsKey(key: string): string {
  return `hls:${key}`;
}
