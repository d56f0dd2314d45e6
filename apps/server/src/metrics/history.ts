/** Samples of one kind. NaN where there was none. */
type Ring = Float64Array;

export interface SeriesKind {
  readonly unit: string;
  readonly text: string;
}

export interface HistoryOptions<Series extends string> {
  readonly series: Readonly<Record<Series, SeriesKind>>;
  /** Reads what is now. */
  readonly sample: () => Readonly<Record<Series, number>>;
  /** Running streams and what is known of each. */
  readonly streams: () => ReadonlyMap<string, StreamSample>;
  /** Default 10 000 ms. */
  readonly intervalMs?: number;
  /** How long samples are kept. Default 24 hours. */
  readonly retentionMs?: number;
  /** The same for those of a stream, which go with it. Default 1 hour. */
  readonly streamRetentionMs?: number;
  /** Unix time in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

export const streamSeries = ['bitrate', 'peers', 'clients'] as const;

export type StreamSample = Readonly<Record<(typeof streamSeries)[number], number>>;

export interface HistoryAnswer {
  readonly stepMs: number;
  /** Unix milliseconds: the end of each step, oldest first. */
  readonly at: readonly number[];
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Points that are answered at most; more are averaged. */
const maxPoints = 720;

/** What was, every few seconds for a day, in memory: so many numbers and no more. */
export class History<Series extends string> {
  readonly #options: HistoryOptions<Series>;
  readonly #intervalMs: number;
  readonly #capacity: number;
  readonly #streamCapacity: number;
  readonly #times: Ring;
  readonly #rings: ReadonlyMap<string, Ring>;
  readonly #streams = new Map<string, number[][]>();
  readonly #timer: NodeJS.Timeout;
  #count = 0;

  constructor(options: HistoryOptions<Series>) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 10_000;
    this.#capacity = Math.ceil((options.retentionMs ?? 86_400_000) / this.#intervalMs);
    this.#streamCapacity = Math.ceil((options.streamRetentionMs ?? 3_600_000) / this.#intervalMs);
    this.#times = new Float64Array(this.#capacity).fill(Number.NaN);
    this.#rings = new Map(
      Object.keys(options.series).map((name) => [name, new Float64Array(this.#capacity).fill(Number.NaN)]),
    );
    this.#timer = setInterval(() => this.take(), this.#intervalMs).unref();
  }

  /** Takes one sample. */
  take(): void {
    const slot = this.#count % this.#capacity;
    const at = (this.#options.now ?? Date.now)();
    this.#count += 1;
    this.#times[slot] = at;
    for (const [name, value] of Object.entries<number>(this.#options.sample())) this.#rings.get(name)![slot] = value;
    const running = this.#options.streams();
    for (const id of this.#streams.keys()) if (!running.has(id)) this.#streams.delete(id);
    for (const [id, sample] of running) {
      const rows = this.#streams.get(id) ?? [];
      rows.push([at, ...streamSeries.map((name) => sample[name])]);
      if (rows.length > this.#streamCapacity) rows.shift();
      this.#streams.set(id, rows);
    }
  }

  /** The last `windowMs` of some series. */
  read(names: readonly Series[], windowMs: number): HistoryAnswer {
    const count = Math.min(this.#count, this.#capacity, Math.ceil(windowMs / this.#intervalMs));
    const slots = Array.from({ length: count }, (_, index) => (this.#count - count + index) % this.#capacity);
    const rows = slots.map((slot) => [this.#times[slot]!, ...names.map((name) => this.#rings.get(name)![slot]!)]);
    return this.#answer(names, rows);
  }

  /** The same of a running stream; one that has just started has no points yet. */
  readStream(id: string, windowMs: number): HistoryAnswer {
    const rows = this.#streams.get(id)?.slice(-Math.ceil(windowMs / this.#intervalMs));
    return this.#answer(streamSeries, rows ?? []);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** @param rows time and values of each sample, oldest first */
  #answer(names: readonly string[], rows: readonly (readonly number[])[]): HistoryAnswer {
    const size = Math.max(Math.ceil(rows.length / maxPoints), 1);
    // Aligned to the newest, so that the last point is always whole.
    const first = rows.length % size;
    const groups: (readonly (readonly number[])[])[] = first === 0 ? [] : [rows.slice(0, first)];
    for (let at = first; at < rows.length; at += size) groups.push(rows.slice(at, at + size));
    return {
      stepMs: size * this.#intervalMs,
      at: groups.map((group) => group.at(-1)![0]!),
      values: Object.fromEntries(
        names.map((name, index) => [name, groups.map((group) => mean(group.map((row) => row[index + 1]!)))]),
      ),
    };
  }
}

function mean(values: readonly number[]): number | null {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
