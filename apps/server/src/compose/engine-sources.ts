import type { EngineOrchestrator, Lease } from '@acestream-orchestrator/engine-orchestrator';
import {
  AceError,
  type AceSession,
  type ContentRef,
  contentKey,
} from '@acestream-orchestrator/engine-orchestrator/ace';
import { type OpenContext, type Source, SourceError } from '@acestream-orchestrator/mpegts-proxy';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Attempt, Stage } from '../diagnosis/attempt.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';
import type { LoopingStreams } from '../streams/looping-streams.ts';
import type { StreamKeys } from '../streams/stream-keys.ts';
import { openEngineSource } from './engine-source.ts';
import { enginesBut, moveWaitMs } from './engines-but.ts';
import { LeasedEngine, type Outcome } from './leased-engine.ts';
import { loopingError } from './playback-error.ts';
import {
  ContentRunsError,
  ContentStoppingError,
  codeOf,
  isFinal,
  isRunning,
  messageOf,
  outcomeOf,
} from './source-failure.ts';
import type { StreamEvents } from './stream-events.ts';

/** Two engines that cannot load a content are taken for the content's fault. */
const enginesForDeadContent = 2;
/** Longest wait for a slot when another engine has failed already: its error is an answer, too. */
const secondChoiceWaitMs = 3_000;
/** Longest wait for another engine while a silent source might still be revived on its own. */
const besideWaitMs = 1_000;
/** While players live on what they hold, an engine that shows neither bytes nor peers for so long is given up. */
const recoveryPatienceMs = 6_000;
/** Bytes are told to the orchestrator at most so often. */
const observeIntervalMs = 1_000;

export interface EngineSourcesOptions {
  readonly orchestrator: EngineOrchestrator;
  /** Every engine that is leased now, once for each lease. */
  readonly leased: Set<LeasedEngine>;
  readonly keys: StreamKeys;
  readonly events: StreamEvents;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  readonly diagnosis: Diagnosis;
  readonly looping: Pick<LoopingStreams, 'has'>;
  /** What a stream key stands for. */
  readonly contentOf: (streamKey: string) => ContentRef;
  /** The engine that plays this is to be emptied. */
  readonly leave: (streamKey: string) => void;
  /** Where a stream is to be moved; undefined for any other engine. */
  readonly targetOf: (streamKey: string) => string | undefined;
  /** Read whenever they are needed. */
  readonly limits: {
    /** Longest wait for a lease and the engine's answer together. */
    readonly startTimeoutMs: () => number;
    /** Longest wait for an engine to take a stop. */
    readonly stopTimeoutMs: () => number;
  };
}

/** One call of the opener: which engines it has tried, and until when the next one may answer. */
interface Search {
  readonly streamKey: string;
  readonly ref: ContentRef;
  readonly context: OpenContext;
  readonly tried: Set<string>;
  /** Whether players have had bytes before: of a source that ended, or of one that has fallen silent. */
  readonly isRecovery: boolean;
  /** Keeps what was tried, for whoever asks why it did not play. */
  readonly attempt: Attempt;
  deadlineMs: number;
}

/** Opens sources for the proxy: leases an engine, opens a session on it and reads that; the next engine when one fails. */
export class EngineSources {
  readonly #options: EngineSourcesOptions;
  /** Everything that may still have a session on an engine without being a source yet, or any more. */
  readonly #pending = new Set<Promise<unknown>>();

  constructor(options: EngineSourcesOptions) {
    this.#options = options;
  }

  /** Resolves when nothing is being opened and every engine that was let go has been told to stop. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  async #track<Value>(work: Promise<Value>): Promise<Value> {
    this.#pending.add(work);
    try {
      return await work;
    } finally {
      this.#pending.delete(work);
    }
  }

  /** The proxy's opener. Rejects with a {@link SourceError} whose `cause` is the failure of the last engine. */
  readonly open = (streamKey: string, context: OpenContext): Promise<Source> =>
    this.#track(this.#open(streamKey, context));

  async #open(streamKey: string, context: OpenContext): Promise<Source> {
    const ref = this.#options.contentOf(streamKey);
    const isRecovery = context.beside !== undefined || context.failed.length > 0;
    const attempt = this.#options.diagnosis.begin(streamKey, ref, isRecovery);
    try {
      return await this.#search({
        streamKey,
        ref,
        context,
        tried: new Set(),
        isRecovery,
        attempt,
        deadlineMs: performance.now() + this.#options.limits.startTimeoutMs(),
      });
    } catch (error) {
      // Its players are given the stream that plays this content already.
      if (context.signal.aborted || isRunning(error)) attempt.left();
      else attempt.failed(codeOf(error), messageOf(error));
      throw error;
    }
  }

  async #search(search: Search): Promise<Source> {
    const { context } = search;
    let failure: unknown;
    let dead = 0;
    while (dead < enginesForDeadContent) {
      let lease: Lease;
      try {
        lease = await this.#acquire(search);
        search.attempt.step('lease', true, { engine: lease.engine.id });
      } catch (error) {
        search.attempt.step('lease', false, { code: codeOf(error), message: messageOf(error) });
        throw refusal(failure ?? error, search);
      }
      search.tried.add(lease.engine.id);
      try {
        return await this.#playOn(lease, search);
      } catch (error) {
        if (error instanceof ContentStoppingError) {
          search.tried.delete(lease.engine.id);
          continue;
        }
        failure = error;
        if (context.signal.aborted || isFinal(error)) break;
        if (error instanceof AceError && error.code === 'content_dead') dead += 1;
      }
    }
    throw refusal(failure, search);
  }

  async #acquire(search: Search): Promise<Lease> {
    const { beside, hedge } = search.context;
    const leftMs = Math.max(Math.floor(search.deadlineMs - performance.now()), 0);
    const waitMs = search.tried.size > 0 ? Math.min(leftMs, secondChoiceWaitMs) : leftMs;
    if (hedge) return this.#acquireSpare(search);
    if (beside !== undefined && search.context.moving) {
      // A place on another engine while this one plays on.
      const target = this.#options.targetOf(search.streamKey);
      return this.#lease(search, enginesBut(this.#options.orchestrator, target, beside.id), moveWaitMs);
    }
    if (beside === undefined) return this.#lease(search, [], waitMs);
    try {
      return await this.#lease(search, [beside.id], besideWaitMs);
    } catch (error) {
      if (search.context.signal.aborted) throw error;
      // One engine never plays a content twice: the silent session has to go before it can play it again.
      await beside.release();
      return this.#lease(search, [], waitMs);
    }
  }

  /** A place for a second try, if nobody else has a use for it. */
  async #acquireSpare(search: Search): Promise<Lease> {
    const { available, waiting } = this.#options.orchestrator.capacity();
    if (available > 0 && waiting === 0) return this.#lease(search, [], 0);
    throw new SourceError('refused', 'other', 'There is no engine to spare for a second try');
  }

  #lease(
    { streamKey, context, tried, isRecovery }: Search,
    exclude: readonly string[],
    timeoutMs: number,
  ): Promise<Lease> {
    const { orchestrator, metrics } = this.#options;
    return metrics.measure('lease_acquire', () =>
      orchestrator.acquire(streamKey, {
        signal: context.signal,
        avoid: context.failed.map(({ id }) => id),
        exclude: [...tried, ...exclude],
        // Players hold on to a stream that they have seen, however bad its engines think of it.
        evenIfDead: isRecovery,
        timeoutMs,
      }),
    );
  }

  async #playOn(lease: Lease, search: Search): Promise<Source> {
    const { metrics, log, leased, orchestrator, limits } = this.#options;
    const { streamKey, context, attempt } = search;
    const elsewhere = this.#canGoElsewhere(search);
    const leftMs = Math.max(search.deadlineMs - performance.now(), 2);
    const engine = new LeasedEngine({
      lease,
      leased,
      metrics,
      log,
      openTimeoutMs: Math.floor(elsewhere ? leftMs / 2 : leftMs),
      stopTimeoutMs: limits.stopTimeoutMs(),
    });
    const end = (outcome: Outcome): Promise<void> => this.#end(engine, outcome);
    const engineId = lease.engine.id;
    let observedMs = Number.NEGATIVE_INFINITY;
    let stage: Stage = 'load';
    try {
      const session = await engine.open(search.ref, context.signal);
      context.signal.throwIfAborted();
      attempt.infohash = session.infohash;
      attempt.step('load', true, { engine: engineId });
      stage = 'first_byte';
      this.#claim(engine, session, search);
      return await openEngineSource(engine, session, {
        signal: context.signal,
        patienceMs: search.isRecovery && elsewhere ? recoveryPatienceMs : undefined,
        onPeers: (peers) => attempt.step('peers', peers > 0, { engine: engineId, peers }),
        onRead(durationMs, ok) {
          metrics.record('mpegts_chunk_read', durationMs, ok);
          if (ok) attempt.played(engineId);
          if (!ok || performance.now() - observedMs < observeIntervalMs) return;
          observedMs = performance.now();
          orchestrator.observe(lease.engine.id, 'bytes');
        },
        onDead: () => orchestrator.declareDead(streamKey, infohashKeyOf(search.ref, session)),
        onDrain: () => this.#options.leave(streamKey),
        end,
      });
    } catch (error) {
      log.debug({ stream: streamKey, engine: engineId, err: error }, 'engine did not play');
      attempt.step(stage, false, { engine: engineId, code: codeOf(error), message: messageOf(error) });
      void end(context.signal.aborted ? 'ok' : outcomeOf(error));
      throw error;
    }
  }

  /** Makes the session this stream's, unless its content turns out to be played already. */
  #claim(engine: LeasedEngine, session: AceSession, search: Search): void {
    const { keys, events, limits } = this.#options;
    const { streamKey, ref } = search;
    const infohashKey = infohashKeyOf(ref, session);
    engine.lease.identify(infohashKey);
    if (this.#options.looping.has(session.infohash)) throw loopingError(ref.value);
    const owner = keys.learn(streamKey, infohashKey);
    if (owner !== streamKey) throw new ContentRunsError(owner);
    // Somebody else who is only just starting it there will learn that the content runs, and leave it to this stream.
    if (engine.isDisturbed) {
      throw new ContentStoppingError(
        `Engine ${engine.lease.engine.id} is still stopping ${infohashKey}, or plays it as HLS`,
      );
    }
    events.opened(streamKey, ref, engine, session);
    // The players' wait for a lease and an answer is over; what another engine needs now is part of their wait for bytes.
    search.deadlineMs = performance.now() + limits.startTimeoutMs();
  }

  #canGoElsewhere({ tried }: Search): boolean {
    return this.#options.orchestrator
      .engines()
      .some(({ id, ready, leases, maxLeases }) => ready && leases < maxLeases && !tried.has(id));
  }

  #end(engine: LeasedEngine, outcome: Outcome): Promise<void> {
    const { events, orchestrator } = this.#options;
    const { key, engine: leased } = engine.lease;
    if (outcome === 'engine-bad') orchestrator.observe(leased.id, 'failure');
    events.closed(key, leased.id);
    return this.#track(engine.end(outcome));
  }
}

function infohashKeyOf(ref: ContentRef, { infohash }: AceSession): string {
  return contentKey({ ...ref, kind: 'infohash', value: infohash });
}

/** What starts a stream has tried every engine there is: trying them again at once would only delay the answer. */
function refusal(error: unknown, { context, isRecovery }: Search): unknown {
  if (context.signal.aborted) return context.signal.reason;
  const message = error instanceof Error ? error.message : String(error);
  const reason = error instanceof SourceError ? error.reason : 'refused';
  return new SourceError(reason, 'other', message, { cause: error, retryable: isRecovery && !isFinal(error) });
}
