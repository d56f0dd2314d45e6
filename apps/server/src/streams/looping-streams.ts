import { z } from 'zod';

/** The document in which they survive a restart. */
export const loopingDocument = 'looping_streams';

export const loopingStreamsSchema = z.array(z.object({ content: z.string(), infohash: z.string(), at: z.number() }));

/** A content that was found to repeat itself. */
export type LoopingStream = Readonly<z.infer<typeof loopingStreamsSchema>[number]>;

export interface LoopingStreamsOptions {
  /** What was kept: the document that {@link keep} got. */
  readonly stored?: unknown;
  /** Keeps the list over a restart. */
  readonly keep?: (list: readonly LoopingStream[]) => void;
  /** How long a content stays on the list; 0 for ever. */
  readonly retentionMs: () => number;
  /** Unix time in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** Contents that repeat themselves, by what was asked for and by infohash. They are refused while they are here. */
export class LoopingStreams {
  readonly #options: LoopingStreamsOptions;
  #list: readonly LoopingStream[];

  constructor(options: LoopingStreamsOptions) {
    this.#options = options;
    this.#list = loopingStreamsSchema.safeParse(options.stored).data ?? [];
  }

  /** Oldest first. */
  list(): readonly LoopingStream[] {
    const retentionMs = this.#options.retentionMs();
    const since = retentionMs === 0 ? 0 : this.#now() - retentionMs;
    if (this.#list.some(({ at }) => at < since)) this.#set(this.#list.filter(({ at }) => at >= since));
    return this.#list;
  }

  /** @param name a content or an infohash, in any case */
  has(name: string): boolean {
    return this.list().some(named(name));
  }

  /** False when it was there already. */
  add(content: string, infohash: string): boolean {
    if (this.has(content) || this.has(infohash)) return false;
    this.#set([...this.#list, { content, infohash, at: this.#now() }]);
    return true;
  }

  /** False when it was not there. */
  remove(name: string): boolean {
    const isNamed = named(name);
    if (!this.list().some(isNamed)) return false;
    this.#set(this.#list.filter((each) => !isNamed(each)));
    return true;
  }

  clear(): void {
    this.#set([]);
  }

  /** Takes a list that is kept already. */
  restore(list: readonly LoopingStream[]): void {
    this.#list = list;
  }

  #set(list: readonly LoopingStream[]): void {
    this.#list = list;
    this.#options.keep?.(list);
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function named(name: string): (each: LoopingStream) => boolean {
  const wanted = name.toLowerCase();
  return ({ content, infohash }) => content.toLowerCase() === wanted || infohash === wanted;
}

/** 2020 and 2050: a broadcast of another year has a clock that says nothing. Unix seconds. */
const plausibleFrom = 1_577_836_800;
const plausibleTo = 2_524_608_000;

/**
 * Whether a live stream's newest piece is so old that the broadcast must be repeating itself.
 *
 * @param liveLast Unix seconds as the engine tells them, or undefined
 * @param nowMs Unix milliseconds
 */
export function isLooping(liveLast: number | undefined, nowMs: number, thresholdSeconds: number): boolean {
  if (liveLast === undefined || liveLast < plausibleFrom || liveLast > plausibleTo) return false;
  return nowMs / 1_000 - liveLast > thresholdSeconds;
}
