import type { Clock } from '../contract.ts';
import { HlsProxyError } from '../errors.ts';
import type { Part, Segment, SegmentKey, SegmentResource } from '../segment-source.ts';
import { pause } from '../until-aborted.ts';
import { mediaTypeOf } from './media-type.ts';
import type { ByteSpan, UpstreamKey, UpstreamSegment } from './read-playlist.ts';
import type { Got, UpstreamClient } from './upstream-client.ts';

export interface SegmentFetcherOptions {
  readonly client: UpstreamClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly concurrency: number;
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** A segment that has been fetched, or could not be. */
interface Fetched {
  readonly body: Got;
  readonly map: SegmentResource | undefined;
  readonly key: SegmentKey | undefined;
  readonly fetchMs: number;
}

const RETRY_DELAY_MS = 250;
/** Initialisation sections and keys that are remembered. */
const MAX_RESOURCES = 16;

/** Fetches segments and what they refer to: several at a time, each more than once when that is needed. */
export class SegmentFetcher {
  readonly #options: SegmentFetcherOptions;
  readonly #resources = new Map<string, Promise<SegmentResource>>();
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(options: SegmentFetcherOptions) {
    this.#options = options;
  }

  /** Resolves with the segment, whole or lost. Rejects when the source is closed, and only then. */
  async fetch(upstream: UpstreamSegment): Promise<Segment> {
    const { signal } = this.#options;
    let outcome: Fetched | undefined;
    let failure: unknown = new HlsProxyError('upstream_status', `${upstream.url} is said to be missing`);
    try {
      if (!upstream.gap) outcome = await this.#inTurn(() => this.#fetchAll(upstream));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      failure = error;
    }
    const { sequence, discontinuity, programDateTimeMs, durationMs, url } = upstream;
    const shared = {
      ...{ sequence, discontinuity, programDateTimeMs, expectedDurationMs: durationMs },
      ...mediaTypeOf(url, upstream.map !== undefined),
    };
    if (outcome === undefined) {
      const done = Promise.reject(failure);
      done.catch(() => {});
      return { ...shared, parts: partsOf(undefined), done };
    }
    const { body, map, key, fetchMs } = outcome;
    const part: Part = { durationMs, independent: true, data: body.data, byteLength: body.byteLength };
    return {
      ...{ ...shared, parts: partsOf(part), done: Promise.resolve({ durationMs, fetchMs }) },
      ...(map && { map }),
      ...(key && { key }),
    };
  }

  async #fetchAll({ url, span, map, key }: UpstreamSegment): Promise<Fetched> {
    const startMs = this.#options.clock.now();
    const [body, mapResource, segmentKey] = await Promise.all([
      this.#get(url, span),
      map && this.#resource(map.url, map.span, 'mp4', 'video/mp4'),
      key && this.#keyOf(key),
    ]);
    const fetchMs = this.#options.clock.now() - startMs;
    return { body, map: mapResource, key: segmentKey, fetchMs };
  }

  async #keyOf({ uri, iv, method, format, formatVersions }: UpstreamKey): Promise<SegmentKey> {
    const key = /^https?:/.test(uri) ? await this.#resource(uri, undefined, 'key', 'application/octet-stream') : uri;
    return { method, key, ...(iv && { iv }), ...(format && { format }), ...(formatVersions && { formatVersions }) };
  }

  /** Fetched once, however many segments refer to it; again when it could not be had. */
  #resource(url: string, span: ByteSpan | undefined, extension: string, contentType: string): Promise<SegmentResource> {
    const name = `${url} ${span?.offset ?? ''} ${span?.length ?? ''}`;
    const known = this.#resources.get(name);
    if (known !== undefined) return known;
    const fetching = this.#get(url, span).then(({ data }) => ({
      ...{ data: data.length === 1 ? data[0]! : Buffer.concat(data), contentType, extension },
    }));
    this.#resources.set(name, fetching);
    fetching.catch(() => this.#resources.delete(name));
    const [oldest] = this.#resources.keys();
    if (this.#resources.size > MAX_RESOURCES && oldest !== undefined) this.#resources.delete(oldest);
    return fetching;
  }

  async #get(url: string, span: ByteSpan | undefined): Promise<Got> {
    const { client, clock, signal, attempts, timeoutMs, maxBytes } = this.#options;
    const deadlineMs = clock.now() + timeoutMs;
    for (let attempt = 1; ; attempt++) {
      const leftMs = deadlineMs - clock.now();
      try {
        // One that hangs must leave time for another.
        const limitMs = attempt < attempts ? leftMs / 2 : leftMs;
        const got = await client.get(url, { signal, span, maxBytes, timeoutMs: limitMs });
        if (got.byteLength > 0) return got;
        throw new HlsProxyError('upstream_status', `${url} answered with nothing`);
      } catch (error) {
        const delayMs = RETRY_DELAY_MS * 2 ** (attempt - 1);
        if (signal.aborted || attempt >= attempts || clock.now() + delayMs >= deadlineMs) throw error;
        await pause(clock, delayMs, signal);
      }
    }
  }

  /** At most `concurrency` at a time, first come, first served. */
  async #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#options.concurrency) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

async function* partsOf(part: Part | undefined): AsyncGenerator<Part, void, undefined> {
  if (part !== undefined) yield part;
}
