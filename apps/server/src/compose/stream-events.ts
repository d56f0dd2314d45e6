import type { AceSession, AceStat, ContentRef } from '@acestream-orchestrator/engine-orchestrator/ace';
import type { ProxyHooks } from '@acestream-orchestrator/mpegts-proxy';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { NewEvent } from '../events/event-log.ts';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';
import type { StreamBook } from '../streams/stream-book.ts';
import type { StreamKeys } from '../streams/stream-keys.ts';
import type { LeasedEngine } from './leased-engine.ts';
import { codeOf } from './source-failure.ts';

export interface StreamEventsOptions {
  readonly book: StreamBook;
  readonly keys: StreamKeys;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  /** Puts something into the event log. */
  readonly record: (event: NewEvent) => void;
  /** What is shown of the streams has changed. */
  readonly changed: () => void;
  /** A stream got its first bytes. */
  readonly onLive: (streamKey: string) => void;
  /** A stream is over. */
  readonly onEnd: (streamKey: string) => void;
  /** A client is gone. */
  readonly onClientEnd: () => void;
}

/** How a stream ended. */
interface StreamEnd {
  readonly reason: string;
  readonly durationMs: number;
  /** What went through it. */
  readonly figures: Readonly<Record<string, number>>;
}

/** One engine's session of a stream. */
interface Opened {
  readonly engine: LeasedEngine;
  readonly session: AceSession;
}

/** The sessions of one stream, by engine. There are two while one takes over from the other. */
interface Sessions {
  readonly opened: Map<string, Opened>;
  /** The engine whose bytes players get. */
  live: string | undefined;
}

/** Records what happens to streams, and writes the log lines about them. */
export class StreamEvents {
  readonly #options: StreamEventsOptions;
  readonly #streams = new Map<string, Sessions>();

  constructor(options: StreamEventsOptions) {
    this.#options = options;
  }

  /** An engine answered for a stream. */
  opened(streamKey: string, { kind, value }: ContentRef, engine: LeasedEngine, session: AceSession): void {
    this.#handle(() => {
      const sessions = this.#streams.get(streamKey) ?? { opened: new Map(), live: undefined };
      this.#streams.set(streamKey, sessions);
      sessions.opened.set(engine.lease.engine.id, { engine, session });
      this.#options.book.opened(streamKey, { kind, value }, engine.lease.engine, session);
      this.#show(streamKey);
    });
  }

  /** A stream lets an engine go. */
  closed(streamKey: string, engineId: string): void {
    this.#streams.get(streamKey)?.opened.delete(engineId);
    this.#show(streamKey);
  }

  /** A stream is over. */
  ended(key: string, { reason, durationMs, figures: more }: StreamEnd): void {
    this.#handle(() => {
      if (reason === 'open_failed') this.#options.metrics.record('first_byte', durationMs, false);
      this.#streams.delete(key);
      this.#options.keys.release(key);
      const figures = { reason, duration_ms: Math.round(durationMs), ...more };
      if (reason === 'open_failed') this.#record('failed', key, 'could not be started', figures);
      else this.#record('ended', key, `ended: ${reason}`, figures);
      this.#options.book.ended(key, reason);
      this.#options.onEnd(key);
      this.#options.log.info({ stream: key, ...figures }, 'stream ended');
    });
  }

  /** Asks the engine that plays a stream. Rejects when none does. */
  async stat(streamKey: string, signal: AbortSignal): Promise<AceStat> {
    const playing = this.#playing(streamKey);
    if (playing === undefined) throw new Error(`No engine plays ${streamKey}`);
    return playing.engine.stat(playing.session, signal);
  }

  /** The session whose bytes players get; while there is none yet, the newest. */
  #playing(streamKey: string): Opened | undefined {
    const sessions = this.#streams.get(streamKey);
    return sessions?.opened.get(sessions.live ?? '') ?? [...(sessions?.opened.values() ?? [])].at(-1);
  }

  #show(streamKey: string): void {
    const playing = this.#playing(streamKey);
    if (playing !== undefined) this.#options.book.playedBy(streamKey, playing.engine.lease.engine, playing.session);
  }

  #delivers(streamKey: string, engineId: string): void {
    const sessions = this.#streams.get(streamKey);
    if (sessions !== undefined) sessions.live = engineId;
    this.#show(streamKey);
  }

  /** For the proxy. */
  readonly hooks: ProxyHooks = {
    sessionStart: ({ key }) => this.#options.log.debug({ stream: key }, 'stream opening'),
    sessionLive: ({ key, source, firstByteMs }) =>
      this.#handle(() => {
        this.#options.metrics.record('first_byte', firstByteMs, true);
        this.#options.log.info(
          { stream: key, engine: source, first_byte_ms: Math.round(firstByteMs) },
          'stream started',
        );
        this.#delivers(key, source);
        this.#record('started', key, 'started', { first_byte_ms: Math.round(firstByteMs) });
        this.#options.onLive(key);
      }),
    sourceEnd: ({ key, source, opened, reason, deliveredMs, error }) =>
      this.#handle(() => {
        if (!opened) {
          // In a word: the sentence may name the address of an engine, which not everybody may see.
          const code = codeOf(error);
          this.#record('recovery_failed', key, `could not go on yet: ${code}`, { code });
          this.#options.log.debug({ stream: key, err: error }, 'no other source yet');
          return;
        }
        const figures = { reason, delivered_ms: Math.round(deliveredMs) };
        this.#record('source_ended', key, `lost its source on engine ${source}: ${reason}`, figures, source);
        this.#options.log.debug({ stream: key, engine: source, ...figures, err: error }, 'source ended');
      }),
    spliced: ({ key, from, to, reason, splice, gapMs, clientGapMs, skippedBytes }) =>
      this.#handle(() => {
        this.#options.metrics.record('recovery', clientGapMs, splice === 'exact');
        this.#delivers(key, to);
        this.#options.book.recovered(key);
        this.#record('recovered', key, `moved from ${from} to ${to}`, { from, to, reason, splice });
        this.#options.log.info(
          {
            stream: key,
            from,
            to,
            reason,
            splice,
            gap_ms: Math.round(gapMs),
            client_gap_ms: Math.round(clientGapMs),
            skipped_bytes: skippedBytes,
          },
          'stream recovered',
        );
      }),
    sessionEnd: ({ key, reason, durationMs, bytesIn, bytesOut }) =>
      this.ended(key, { reason, durationMs, figures: { bytes_in: bytesIn, bytes_out: bytesOut } }),
    clientStart: ({ key, client, joinMs }) => {
      this.#options.changed();
      this.#options.log.debug({ stream: key, client, join_ms: Math.round(joinMs) }, 'client joined');
    },
    clientEnd: ({ key, client, reason, bytesSent, skips }) => {
      this.#options.onClientEnd();
      this.#options.changed();
      this.#options.log.debug({ stream: key, client, reason, bytes_sent: bytesSent, skips }, 'client left');
    },
    closeFailed: ({ key, source, error }) =>
      this.#options.log.warn({ stream: key, engine: source, err: error }, 'source did not close cleanly'),
  };

  #record(
    category: string,
    streamKey: string,
    what: string,
    details: Readonly<Record<string, unknown>>,
    engineId?: string,
  ): void {
    const stream = this.#options.book.running(streamKey);
    this.#options.record({
      type: 'stream',
      category,
      message: `Stream ${stream?.content.value ?? streamKey} ${what}.`,
      details: { key: streamKey, ...details },
      containerId: engineId ?? stream?.engine.id,
      streamId: stream?.id,
    });
  }

  #handle(handle: () => void): void {
    this.#options.metrics.measure('stream_event_handling', handle);
    this.#options.changed();
  }
}
