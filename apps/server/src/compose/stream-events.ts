import type { AceSession, AceStat, ContentRef } from '@acestream-orchestrator/engine-orchestrator/ace';
import type { ProxyHooks } from '@acestream-orchestrator/mpegts-proxy';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';
import type { StreamBook } from '../streams/stream-book.ts';
import type { StreamKeys } from '../streams/stream-keys.ts';
import type { LeasedEngine } from './leased-engine.ts';

export interface StreamEventsOptions {
  readonly book: StreamBook;
  readonly keys: StreamKeys;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  /** A stream got its first bytes. */
  readonly onLive: (streamKey: string) => void;
  /** A stream is over. */
  readonly onEnd: (streamKey: string) => void;
  /** A client is gone. */
  readonly onClientEnd: (label: string | undefined) => void;
}

/** Records what happens to streams, and writes the log lines about them. */
export class StreamEvents {
  readonly #options: StreamEventsOptions;
  /** The newest engine session of each running stream. */
  readonly #sessions = new Map<string, { engine: LeasedEngine; session: AceSession }>();

  constructor(options: StreamEventsOptions) {
    this.#options = options;
  }

  /** An engine answered for a stream. */
  opened(streamKey: string, { kind, value }: ContentRef, engine: LeasedEngine, session: AceSession): void {
    this.#handle(() => {
      this.#sessions.set(streamKey, { engine, session });
      this.#options.book.opened(streamKey, { kind, value }, engine.lease.engine, session);
    });
  }

  /** The engine that plays a stream. */
  engineOf(streamKey: string): string | undefined {
    return this.#sessions.get(streamKey)?.engine.lease.engine.id;
  }

  /** Asks the engine that plays a stream. Rejects when none does. */
  async stat(streamKey: string, signal: AbortSignal): Promise<AceStat> {
    const playing = this.#sessions.get(streamKey);
    if (playing === undefined) throw new Error(`No engine plays ${streamKey}`);
    return playing.engine.stat(playing.session, signal);
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
        this.#options.onLive(key);
      }),
    sourceEnd: ({ key, source, reason, deliveredMs, error }) =>
      this.#options.log.debug(
        { stream: key, engine: source, reason, delivered_ms: Math.round(deliveredMs), err: error },
        'source ended',
      ),
    spliced: ({ key, from, to, reason, splice, gapMs }) =>
      this.#handle(() => {
        this.#options.book.recovered(key);
        this.#options.log.info(
          { stream: key, from, to, reason, splice, gap_ms: Math.round(gapMs) },
          'stream recovered',
        );
      }),
    sessionEnd: ({ key, reason, durationMs, bytesIn, bytesOut }) =>
      this.#handle(() => {
        if (reason === 'open_failed') this.#options.metrics.record('first_byte', durationMs, false);
        this.#sessions.delete(key);
        this.#options.keys.release(key);
        this.#options.book.ended(key, reason);
        this.#options.onEnd(key);
        this.#options.log.info(
          { stream: key, reason, duration_ms: Math.round(durationMs), bytes_in: bytesIn, bytes_out: bytesOut },
          'stream ended',
        );
      }),
    clientStart: ({ key, client, joinMs }) =>
      this.#options.log.debug({ stream: key, client, join_ms: Math.round(joinMs) }, 'client joined'),
    clientEnd: ({ key, client, label, reason, bytesSent, skips }) => {
      this.#options.onClientEnd(label);
      this.#options.log.debug({ stream: key, client, reason, bytes_sent: bytesSent, skips }, 'client left');
    },
    closeFailed: ({ key, source, error }) =>
      this.#options.log.warn({ stream: key, engine: source, err: error }, 'source did not close cleanly'),
  };

  #handle(record: () => void): void {
    this.#options.metrics.measure('stream_event_handling', record);
  }
}
