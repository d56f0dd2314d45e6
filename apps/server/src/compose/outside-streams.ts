import type { EngineOrchestrator, Lease } from '@acestream-orchestrator/engine-orchestrator';
import { AceEngineClient, AceError, type AceStat, rebaseUrl } from '@acestream-orchestrator/engine-orchestrator/ace';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { NewEvent } from '../events/event-log.ts';
import type { Operation } from '../operations.ts';
import type { StreamBook, StreamContent, StreamEngine, StreamRecord } from '../streams/stream-book.ts';

/** A stream that somebody else plays on an engine, as it tells of it. */
export interface OutsideStart {
  readonly containerId: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly content: StreamContent;
  readonly playbackSessionId: string;
  readonly statUrl: string;
  readonly commandUrl: string;
  readonly isLive: boolean;
  /** Default `<content>|<playback session id>`. */
  readonly streamId: string | undefined;
}

export interface OutsideStreamsOptions {
  readonly orchestrator: EngineOrchestrator;
  readonly book: StreamBook;
  readonly metrics: PerfMetrics<Operation>;
  readonly record: (event: NewEvent) => void;
  readonly changed: () => void;
}

/** What a proxy that puts ids together by itself spells in whatever case. */
const hexOfId = /^[\da-f]{40}(?=\|)/i;

interface Outside {
  readonly record: StreamRecord;
  /** Undefined for an engine that is not ours: it is not asked for anything. */
  readonly client: AceEngineClient | undefined;
  /** Holds the place on the engine that the stream takes. */
  lease: Lease | undefined;
  ended: boolean;
}

/** Streams that proxies beside this one play on its engines. They take places there, and are shown like any other. */
export class OutsideStreams {
  readonly #options: OutsideStreamsOptions;
  readonly #byKey = new Map<string, Outside>();

  constructor(options: OutsideStreamsOptions) {
    this.#options = options;
  }

  /** A stream began. Told again, it changes nothing; told after its end, it does not come back. */
  started(start: OutsideStart): StreamRecord {
    return this.#options.metrics.measure('stream_event_handling', () => {
      const id = start.streamId ?? `${start.content.value}|${start.playbackSessionId}`;
      const known = this.#options.book.all().find((each) => each.id === id);
      if (known?.endedAt === undefined || known.session.playbackSessionId === start.playbackSessionId) {
        if (known !== undefined) return known;
      }
      return this.#add(id, start);
    });
  }

  /** A stream ended. One that is not known, or ended already, changes nothing. */
  ended(
    name: { readonly containerId?: string | undefined; readonly streamId?: string | undefined },
    reason: string,
  ): StreamRecord | undefined {
    return this.#options.metrics.measure('stream_event_handling', () => {
      const { streamId, containerId } = name;
      const plainId = streamId?.replace(hexOfId, (hex) => hex.toLowerCase());
      const running = [...this.#byKey.values()].find(({ record: { id, engine } }) =>
        streamId === undefined ? engine.id === containerId : id === streamId || id === plainId,
      );
      return running === undefined ? undefined : this.#end(running, reason);
    });
  }

  has(streamKey: string): boolean {
    return this.#byKey.has(streamKey);
  }

  /** Asks the engine. A session that the engine does not know any more has ended. */
  async stat(streamKey: string, signal: AbortSignal): Promise<AceStat> {
    const outside = this.#byKey.get(streamKey);
    if (outside?.client === undefined) throw new Error(`No engine of ours plays ${streamKey}`);
    const { client, record } = outside;
    try {
      return await this.#options.metrics.measure('engine_stat', () => client.stat(record.session, { signal }));
    } catch (error) {
      if (error instanceof AceError && error.code === 'session_gone') this.#end(outside, 'session_gone');
      throw error;
    }
  }

  /** Tells the engine to stop; whoever plays it finds out from there. False when it has ended already. */
  async stop(streamKey: string): Promise<boolean> {
    const outside = this.#byKey.get(streamKey);
    if (outside === undefined) return false;
    this.#end(outside, 'stopped');
    await outside.client?.stop(outside.record.session).catch(() => false);
    return true;
  }

  close(): void {
    for (const { lease } of this.#byKey.values()) void lease?.release();
    this.#byKey.clear();
  }

  #add(id: string, start: OutsideStart): StreamRecord {
    const { engine, isOurs } = this.#engineOf(start);
    const origin = `http://${engine.host.includes(':') ? `[${engine.host}]` : engine.host}:${engine.port}`;
    const record = this.#options.book.addOutside(id, start.content, engine, {
      playbackSessionId: start.playbackSessionId,
      // Only the engine itself is ever asked, whatever host the URLs name.
      statUrl: isOurs ? rebaseUrl(start.statUrl, origin) : start.statUrl,
      commandUrl: isOurs ? rebaseUrl(start.commandUrl, origin) : start.commandUrl,
      infohash: start.content.kind === 'infohash' ? start.content.value : '',
      isLive: start.isLive,
    });
    const client = isOurs ? new AceEngineClient({ host: engine.host, port: engine.port }) : undefined;
    const outside: Outside = { record, client, lease: undefined, ended: false };
    this.#byKey.set(record.streamKey, outside);
    if (isOurs) void this.#hold(outside);
    this.#tell(record, 'started', `Stream ${start.content.value} was started by another proxy.`);
    return record;
  }

  /** By container id, else by address. */
  #engineOf({ containerId, host, port }: OutsideStart): { readonly engine: StreamEngine; readonly isOurs: boolean } {
    const engines = this.#options.orchestrator.engines();
    const engine =
      engines.find(({ id }) => id === containerId) ??
      engines.find((each) => each.port === port && sameHost(each.host, host)) ??
      undefined;
    if (engine !== undefined) return { engine, isOurs: true };
    const id = containerId ?? `${host}:${port}`;
    return { engine: { id, name: id, host, port }, isOurs: false };
  }

  async #hold(outside: Outside): Promise<void> {
    const { orchestrator } = this.#options;
    const { streamKey, engine } = outside.record;
    const others = orchestrator.engines().filter(({ id }) => id !== engine.id);
    try {
      const lease = await orchestrator.acquire(streamKey, { exclude: others.map(({ id }) => id), timeoutMs: 0 });
      if (outside.ended) return void lease.release();
      outside.lease = lease;
      lease.signal.addEventListener('abort', () => this.#end(outside, 'engine_gone'), { once: true });
    } catch {
      // The engine has more than it may: the stream runs there all the same.
    }
  }

  #end(outside: Outside, reason: string): StreamRecord | undefined {
    if (outside.ended) return undefined;
    outside.ended = true;
    const { record, lease } = outside;
    this.#byKey.delete(record.streamKey);
    this.#options.book.ended(record.streamKey, reason);
    void lease?.release();
    this.#tell(record, 'ended', `Stream ${record.content.value} of another proxy ended: ${reason}.`, { reason });
    return record;
  }

  #tell({ id, engine }: StreamRecord, category: string, message: string, details: NewEvent['details'] = {}): void {
    this.#options.record({
      type: 'stream',
      category,
      message,
      details: { outside: true, ...details },
      containerId: engine.id,
      streamId: id,
    });
    this.#options.changed();
  }
}

function sameHost(one: string, other: string): boolean {
  const plain = (host: string): string => (host === 'localhost' || host === '::1' ? '127.0.0.1' : host.toLowerCase());
  return plain(one) === plain(other);
}
