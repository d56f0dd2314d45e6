import { Histogram, type Registry, type RegistryContentType } from 'prom-client';
import type { CumulativeCounts } from './cumulative-histogram.ts';
import type { PerfMetrics } from './perf-metrics.ts';

/** Options of {@link registerPerfMetrics}. */
export interface PrometheusOptions {
  /** Put before the metric's name, `operation_duration_seconds`. Default none. */
  readonly prefix?: string;
}

/** The part of `PerfMetrics` that is read. */
export type HistogramSource = Pick<PerfMetrics, 'histograms' | 'histogramBoundsMs'>;

/**
 * Adds the histogram `<prefix>operation_duration_seconds` to a prom-client registry: for each operation and outcome
 * (`success`, `failure`) what was recorded since the metrics were made, exact at the bounds. It is read when the
 * registry is scraped and costs nothing in between; `registry.resetMetrics()` leaves it alone.
 * @throws Error (prom-client's) when the prefix makes no valid name, or the registry has a metric of that name.
 */
export function registerPerfMetrics<ContentType extends RegistryContentType>(
  metrics: HistogramSource,
  registry: Registry<ContentType>,
  options: PrometheusOptions = {},
): void {
  registry.registerMetric(new OperationHistogram(`${options.prefix ?? ''}operation_duration_seconds`, metrics));
}

type Label = 'operation' | 'outcome' | 'le';
type Snapshot = Awaited<ReturnType<Histogram<Label>['get']>>;
type Sample = Snapshot['values'][number];

/** A prom-client histogram whose values are counted elsewhere. */
class OperationHistogram extends Histogram<Label> {
  readonly #name: string;
  readonly #source: HistogramSource;
  /** Never observes anything: lends its name, help and type. */
  readonly #template: Histogram<Label>;

  constructor(name: string, source: HistogramSource) {
    const configuration = {
      name,
      help: 'Duration of timed operations, by outcome.',
      labelNames: ['operation', 'outcome'] as const,
      registers: [],
    };
    super(configuration);
    this.#template = new Histogram<Label>(configuration);
    this.#name = name;
    this.#source = source;
  }

  override async get(): Promise<Snapshot> {
    const boundsSeconds = this.#source.histogramBoundsMs.map((boundMs) => boundMs / 1000);
    const values = this.#source
      .histograms()
      .flatMap(({ operation, success, failure }) => [
        ...samples(this.#name, { operation, outcome: 'success' }, success, boundsSeconds),
        ...samples(this.#name, { operation, outcome: 'failure' }, failure, boundsSeconds),
      ]);
    return { ...(await this.#template.get()), values };
  }

  /** What a registry asks for instead of {@link get} when it writes text. */
  getForPromString(): Promise<Snapshot> {
    return this.get();
  }
}

function samples(
  name: string,
  labels: Sample['labels'],
  counts: CumulativeCounts,
  boundsSeconds: readonly number[],
): Sample[] {
  const buckets = boundsSeconds.map((le, index) => ({ le, value: counts.countsAtBounds[index]! }));
  return [
    ...[...buckets, { le: '+Inf', value: counts.count }].map(({ le, value }) => ({
      metricName: `${name}_bucket`,
      labels: { le, ...labels },
      value,
    })),
    { metricName: `${name}_sum`, labels, value: counts.sumMs / 1000 },
    { metricName: `${name}_count`, labels, value: counts.count },
  ];
}
