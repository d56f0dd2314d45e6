/** Ended streams that are still shown. */
const maxEnded = 200;

/** The engine that plays a stream. */
export interface StreamEngine {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** One playback session at an engine. */
export interface EngineSession {
  readonly playbackSessionId: string;
  readonly statUrl: string;
  readonly commandUrl: string;
  readonly infohash: string;
  readonly isLive: boolean;
}

/** What a player asked for. */
export interface StreamContent {
  readonly kind: 'content_id' | 'infohash' | 'url' | 'magnet';
  readonly value: string;
}

/** One stream from the engine's first answer to its end. Times are Unix milliseconds. */
export interface StreamRecord {
  /** `<content>|<playback session id of its first source>`, as in the 1.5 release. */
  readonly id: string;
  /** The key of its session in the proxy. */
  readonly streamKey: string;
  readonly content: StreamContent;
  readonly startedAt: number;
  /** The engine and session that play it now, or did last. */
  readonly engine: StreamEngine;
  readonly session: EngineSession;
  /** Sources that an engine opened, the current one included. */
  readonly sources: number;
  readonly recoveries: number;
  readonly endedAt: number | undefined;
  readonly endReason: string | undefined;
  /** Whether a proxy beside this one plays it, which told us. */
  readonly outside: boolean;
}

export interface StreamBookOptions {
  /** Unix time in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** An ended stream is no longer shown. */
  readonly onForget?: (record: StreamRecord) => void;
}

type Mutable<Type> = { -readonly [Field in keyof Type]: Type[Field] };

/** Which streams run and which ran lately. */
export class StreamBook {
  readonly #active = new Map<string, Mutable<StreamRecord>>();
  readonly #ended = new Map<string, StreamRecord>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #options: StreamBookOptions;

  constructor(options: StreamBookOptions = {}) {
    this.#options = options;
  }

  /** An engine answered for `streamKey`: the stream starts, or has another source at hand. */
  opened(streamKey: string, content: StreamContent, engine: StreamEngine, session: EngineSession): StreamRecord {
    const running = this.#active.get(streamKey);
    if (running !== undefined) {
      running.sources += 1;
      return running;
    }
    const record = this.#begin(`${content.value}|${session.playbackSessionId}`, streamKey, content, engine, session);
    for (const callback of this.#waiting.get(streamKey) ?? []) callback();
    this.#waiting.delete(streamKey);
    return record;
  }

  /** A stream that a proxy beside this one plays. */
  addOutside(id: string, content: StreamContent, engine: StreamEngine, session: EngineSession): StreamRecord {
    return this.#begin(id, `outside:${id}`, content, engine, session, true);
  }

  #begin(
    id: string,
    streamKey: string,
    content: StreamContent,
    engine: StreamEngine,
    session: EngineSession,
    outside = false,
  ): StreamRecord {
    const record = {
      id,
      streamKey,
      content,
      startedAt: this.#now(),
      engine,
      session,
      sources: 1,
      recoveries: 0,
      endedAt: undefined,
      endReason: undefined,
      outside,
    };
    this.#active.set(streamKey, record);
    return record;
  }

  /** This is the session whose bytes players get, or will get. */
  playedBy(streamKey: string, engine: StreamEngine, session: EngineSession): void {
    const record = this.#active.get(streamKey);
    if (record === undefined) return;
    record.engine = engine;
    record.session = session;
  }

  /** A source took over from one that ended. */
  recovered(streamKey: string): void {
    const record = this.#active.get(streamKey);
    if (record !== undefined) record.recoveries += 1;
  }

  /** The stream is over. Unknown keys, such as of a stream that no engine ever answered for, change nothing. */
  ended(streamKey: string, reason: string): StreamRecord | undefined {
    const record = this.#active.get(streamKey);
    if (record === undefined) return undefined;
    record.endedAt = this.#now();
    record.endReason = reason;
    this.#active.delete(streamKey);
    this.#ended.set(record.id, record);
    this.#forgetOldest();
    return record;
  }

  #forgetOldest(): void {
    const [oldest] = this.#ended.values();
    if (this.#ended.size <= maxEnded || oldest === undefined) return;
    this.#ended.delete(oldest.id);
    this.#options.onForget?.(oldest);
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  /** Calls `callback` once an engine has answered for `streamKey`, at once when it has. The returned function cancels. */
  onceOpened(streamKey: string, callback: () => void): () => void {
    if (this.#active.has(streamKey)) {
      callback();
      return () => {};
    }
    const waiting = this.#waiting.get(streamKey) ?? new Set();
    this.#waiting.set(streamKey, waiting.add(callback));
    return () => {
      waiting.delete(callback);
      if (waiting.size === 0 && this.#waiting.get(streamKey) === waiting) this.#waiting.delete(streamKey);
    };
  }

  /** Running streams, oldest first. */
  active(): readonly StreamRecord[] {
    return [...this.#active.values()];
  }

  /** Running streams, then ended ones, each oldest first. */
  all(): readonly StreamRecord[] {
    return [...this.#active.values(), ...this.#ended.values()];
  }

  /** The running stream under `streamKey`. */
  running(streamKey: string): StreamRecord | undefined {
    return this.#active.get(streamKey);
  }

  /** A stream by its id, its stream key or its content, in any case, also as a link; a running one before an ended one. */
  find(name: string): StreamRecord | undefined {
    const wanted = name.toLowerCase().replace(/^ace(?:stream)?:\/{0,3}/, '');
    return this.all()
      .toSorted(
        (one, other) =>
          Number(one.endedAt !== undefined) - Number(other.endedAt !== undefined) || other.startedAt - one.startedAt,
      )
      .find(({ id, streamKey, content, session }) =>
        [id, streamKey, content.value, session.infohash].some((each) => each.toLowerCase() === wanted),
      );
  }
}
