import { type Clock, systemClock } from './clock.ts';
import { type CumulativeCounts, CumulativeHistogram, HistogramBounds } from './cumulative-histogram.ts';
import { BUCKET_COUNT, bucketOf } from './duration-buckets.ts';
import { describeWindow, EMPTY_REPORT, type OperationReport, type PerfReport, type PerfSeries } from './report.ts';
import { SecondCounter } from './second-counter.ts';
import { SecondsRing } from './seconds-ring.ts';
import { Timer } from './timer.ts';

/** Options of {@link PerfMetrics}. */
export interface PerfMetricsOptions<Operation extends string = string> {
  /** Operations to report from the start, with zeros until they are recorded. Others join when first recorded. Default none. */
  readonly operations?: readonly Operation[];
  /** Longest window in whole seconds, 1 to 86 400. Memory is proportional to it. Default 900. */
  readonly retentionSeconds?: number;
  /** Most operations that are kept apart, 1 to 10 000; records of any beyond are dropped and counted. Default 100. */
  readonly maxOperations?: number;
  /** Bounds in milliseconds of the cumulative histograms: 1 to 100 rising numbers above 0. Default {@link DEFAULT_HISTOGRAM_BOUNDS_MS}. */
  readonly histogramBoundsMs?: readonly number[];
  /** A monotonic clock in milliseconds. Default `performance.now()`. */
  readonly clock?: Clock;
}

/** What {@link PerfMetrics.report} is asked for. */
export interface ReportOptions {
  /** How far back, in whole seconds from 1 to the retention, or `'all'` for the whole retention. Default `'all'`. */
  readonly windowSeconds?: number | 'all';
  /** One operation only, known or not. Default all known ones. */
  readonly operation?: string;
}

/** What {@link PerfMetrics.series} is asked for. */
export interface SeriesOptions {
  /** Length of a step in whole seconds, from 1 to the retention. Default 5. */
  readonly stepSeconds?: number;
  /** How far back, in whole seconds from 1 to the retention, or `'all'` for the whole retention. Default `'all'`. */
  readonly windowSeconds?: number | 'all';
}

/** The cumulative histograms of one operation, since the metrics were made. */
export interface OperationHistograms<Operation extends string = string> {
  readonly operation: Operation;
  readonly success: CumulativeCounts;
  readonly failure: CumulativeCounts;
}

/** Bounds from 0.1 ms to one minute. */
export const DEFAULT_HISTOGRAM_BOUNDS_MS: readonly number[] = Object.freeze([
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000,
]);

interface Series {
  readonly ring: SecondsRing;
  readonly success: CumulativeHistogram;
  readonly failure: CumulativeHistogram;
}

/**
 * Times operations and tells, for any window up to the retention, how often they ran, how long they took and how often
 * they succeeded. Count, average, minimum, maximum and success rate are exact; percentiles are within 1 % for durations
 * of 1 µs to 10 000 s. Holds no timer and no handle: there is nothing to close.
 */
export class PerfMetrics<Operation extends string = string> {
  /** Longest window in seconds. */
  readonly retentionSeconds: number;
  /** Bounds in milliseconds of {@link histograms}. */
  readonly histogramBoundsMs: readonly number[];
  readonly #maxOperations: number;
  readonly #bounds: HistogramBounds;
  readonly #clock: Clock;
  readonly #seconds: SecondCounter;
  readonly #series = new Map<Operation, Series>();
  readonly #windowCounts = new Float64Array(BUCKET_COUNT);
  #droppedRecords = 0;

  /** @throws RangeError for an option out of bounds, TypeError for a name or a clock that is none. */
  constructor(options: PerfMetricsOptions<Operation> = {}) {
    const { operations = [], retentionSeconds = 900, maxOperations = 100, clock = systemClock } = options;
    requireWhole('retentionSeconds', retentionSeconds, 86_400);
    requireWhole('maxOperations', maxOperations, 10_000);
    if (operations.length > maxOperations) {
      throw new RangeError(`operations has ${operations.length} names, more than maxOperations (${maxOperations})`);
    }
    this.#bounds = new HistogramBounds(options.histogramBoundsMs ?? DEFAULT_HISTOGRAM_BOUNDS_MS);
    this.#clock = clock;
    this.#seconds = new SecondCounter(clock.now());
    this.#maxOperations = maxOperations;
    this.retentionSeconds = retentionSeconds;
    this.histogramBoundsMs = this.#bounds.boundsMs;
    for (const operation of operations) this.#series.get(operation) ?? this.#open(operation);
  }

  /**
   * Records that were not counted: their duration was not a finite number, or their operation was one too many. Any is
   * a fault of the program.
   */
  get droppedRecords(): number {
    return this.#droppedRecords;
  }

  /** Bytes of memory held by the counters of all operations. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const { ring, success, failure } of this.#series.values()) {
      bytes += ring.memoryBytes + success.memoryBytes + failure.memoryBytes;
    }
    return bytes;
  }

  /**
   * Counts one run that ended now. Never throws for a duration: a negative one (a clock that went back) counts as 0;
   * `NaN` and infinite ones are dropped and counted in {@link droppedRecords}.
   * @throws TypeError when a new operation is not a non-empty string.
   */
  record(operation: Operation, durationMs: number, ok: boolean): void {
    this.#add(operation, durationMs, ok, this.#clock.now());
  }

  /** Starts timing; the returned function records how it went, the first time it is called. */
  start(operation: Operation): (ok: boolean) => void {
    const startedMs = this.#clock.now();
    let ended = false;
    return (ok) => {
      if (ended) return;
      ended = true;
      const endedMs = this.#clock.now();
      this.#add(operation, endedMs - startedMs, ok, endedMs);
    };
  }

  /** Starts timing for a scope: `using timer = metrics.timer(op); …; timer.succeed()`. Failed unless it succeeded. */
  timer(operation: Operation): Timer {
    return new Timer(this.start(operation));
  }

  /** Times `fn`. What it returns is returned; what it throws or rejects with counts as a failure and is passed on. */
  measure<Result>(operation: Operation, fn: () => PromiseLike<Result>): Promise<Result>;
  measure<Result>(operation: Operation, fn: () => Result): Result;
  measure<Result>(operation: Operation, fn: () => Result | PromiseLike<Result>): Result | Promise<Result> {
    const end = this.start(operation);
    let result: Result | PromiseLike<Result>;
    try {
      result = fn();
    } catch (error) {
      end(false);
      throw error;
    }
    if (isPromiseLike(result)) return endWith(result, end);
    end(true);
    return result;
  }

  /**
   * What the operations did in the window: the running second and the `windowSeconds` before it. An unknown operation is
   * reported with zeros.
   * @throws RangeError when the window is not a whole number of seconds from 1 to the retention.
   */
  report(options: ReportOptions = {}): PerfReport {
    const { windowSeconds = 'all', operation } = options;
    const seconds = this.#secondsOf(windowSeconds);
    const names: Iterable<string> = operation === undefined ? this.#series.keys() : [operation];
    const entries = Array.from(names, (name): [string, OperationReport] => [name, this.#describe(name, seconds)]);
    return { window_seconds: windowSeconds, operations: Object.fromEntries(entries) };
  }

  /**
   * What one operation did step by step, for a chart. Steps begin at multiples of their length on the clock, so that a
   * later call repeats the same ones and adds new ones. They are those that lie in the window as a whole and are over;
   * there is none when the window is too short for one. Those of an unknown operation are zeros.
   * @throws RangeError when a number of seconds is not whole or not from 1 to the retention.
   */
  series(operation: string, options: SeriesOptions = {}): PerfSeries {
    const { stepSeconds = 5, windowSeconds = 'all' } = options;
    const seconds = this.#secondsOf(windowSeconds);
    requireWhole('stepSeconds', stepSeconds, this.retentionSeconds);
    const nowMs = this.#clock.now();
    const second = this.#seconds.at(nowMs);
    const endSecond = Math.floor(second / stepSeconds) * stepSeconds;
    const count = Math.max(0, Math.floor((endSecond - (second - seconds)) / stepSeconds));
    const series = (this.#series as ReadonlyMap<string, Series>).get(operation);
    const steps: OperationReport[] = [];
    if (series === undefined) for (let step = 0; step < count; step++) steps.push(EMPTY_REPORT);
    else {
      const counts = this.#windowCounts;
      series.ring.readSteps({ second, endSecond, stepSeconds, steps: count }, counts, (totals) =>
        steps.push(describeWindow(totals, counts)),
      );
    }
    // 0 where the clock answers no number.
    const intoSecondMs = ((nowMs % 1000) + 1000) % 1000 || 0;
    return {
      operation,
      step_seconds: stepSeconds,
      ended_ms_ago: Math.floor((second - endSecond) * 1000 + intoSecondMs),
      steps,
    };
  }

  /** The cumulative histograms of every known operation, for exporters. Counts are exact at {@link histogramBoundsMs}. */
  histograms(): OperationHistograms<Operation>[] {
    return Array.from(this.#series, ([operation, { success, failure }]) => ({
      operation,
      success: success.read(),
      failure: failure.read(),
    }));
  }

  #add(operation: Operation, durationMs: number, ok: boolean, nowMs: number): void {
    const series = this.#series.get(operation) ?? this.#open(operation);
    if (series === undefined || !Number.isFinite(durationMs)) {
      this.#droppedRecords++;
      return;
    }
    const ms = Math.max(durationMs, 0);
    const bucket = bucketOf(ms);
    series.ring.add(this.#seconds.at(nowMs), bucket, ms, ok);
    (ok ? series.success : series.failure).add(bucket, ms);
  }

  #secondsOf(windowSeconds: number | 'all'): number {
    if (windowSeconds === 'all') return this.retentionSeconds;
    requireWhole('windowSeconds', windowSeconds, this.retentionSeconds);
    return windowSeconds;
  }

  #describe(operation: string, windowSeconds: number): OperationReport {
    const series = (this.#series as ReadonlyMap<string, Series>).get(operation);
    if (series === undefined) return EMPTY_REPORT;
    const totals = series.ring.read(this.#seconds.at(this.#clock.now()), windowSeconds, this.#windowCounts);
    return describeWindow(totals, this.#windowCounts);
  }

  #open(operation: Operation): Series | undefined {
    if (typeof operation !== 'string' || operation === '') {
      throw new TypeError(`an operation must be a non-empty string, got ${String(operation)}`);
    }
    if (this.#series.size >= this.#maxOperations) return undefined;
    const series = {
      ring: new SecondsRing(this.retentionSeconds, this.#seconds.at(this.#clock.now())),
      success: new CumulativeHistogram(this.#bounds),
      failure: new CumulativeHistogram(this.#bounds),
    };
    this.#series.set(operation, series);
    return series;
  }
}

function requireWhole(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name} must be a whole number from 1 to ${max}, got ${String(value)}`);
  }
}

function isPromiseLike<Result>(value: Result | PromiseLike<Result>): value is PromiseLike<Result> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

async function endWith<Result>(promise: PromiseLike<Result>, end: (ok: boolean) => void): Promise<Result> {
  try {
    const result = await promise;
    end(true);
    return result;
  } catch (error) {
    end(false);
    throw error;
  }
}
