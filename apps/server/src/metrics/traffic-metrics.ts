import { Counter, Histogram, type Registry } from 'prom-client';

/** Counts requests and how long they took. */
export class TrafficMetrics {
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #duration: Histogram<'method' | 'route'>;
  readonly #playback: Counter<'outcome'>;
  readonly #firstByte: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'orch_http_requests_total',
      help: 'Answered requests, those for playback when they end.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'orch_http_request_duration_seconds',
      help: 'Time to answer a request, playback left out.',
      labelNames: ['method', 'route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    this.#playback = new Counter({
      name: 'orch_playback_requests_total',
      help: 'Requests for playback by what came of them: played, left, or the code of the error.',
      labelNames: ['outcome'],
      registers,
    });
    this.#firstByte = new Histogram({
      name: 'orch_playback_first_byte_seconds',
      help: 'Time from a request for playback to its first byte.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 50],
      registers,
    });
  }

  /** @param durationMs undefined where the duration says nothing, as of playback */
  answered(method: string, route: string, status: number, durationMs: number | undefined): void {
    this.#requests.inc({ method, route, status });
    if (durationMs !== undefined) this.#duration.observe({ method, route }, durationMs / 1_000);
  }

  /** A player asked. The returned function is called once, with what came of it. */
  playbackStarted(): (outcome: string) => void {
    const startMs = performance.now();
    return (outcome) => {
      this.#playback.inc({ outcome });
      if (outcome === 'played') this.#firstByte.observe((performance.now() - startMs) / 1_000);
    };
  }
}
