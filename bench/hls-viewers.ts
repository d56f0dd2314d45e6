import { Child } from './child.ts';
import { readUsage } from './process-usage.ts';

interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** What the viewers found, see native/hls-viewers.c. */
export interface ViewersReport {
  readonly viewers: number;
  /** The measured span. */
  readonly seconds: number;
  /** Bodies in that span, all viewers. */
  readonly bytes: number;
  readonly failures: number;
  /** Segments that left the playlist before their viewer came. */
  readonly missedSegments: number;
  readonly playlists: Latency;
  readonly segments: Latency;
  /** The viewers' own. */
  readonly cpuSeconds: number;
  /** CLOCK_MONOTONIC of each viewer's first playlist. */
  readonly firstPlaylistUs: readonly number[];
  /** When the last viewer had the playlist with a part, in blocking mode. */
  readonly wakes: readonly {
    readonly msn: number;
    readonly part: number;
    readonly lastUs: number;
    readonly count: number;
  }[];
}

export interface ViewersOptions {
  readonly program: string;
  readonly port: number;
  readonly path: string;
  readonly viewers: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly blocking: boolean;
}

export interface ViewersMeasurement {
  readonly load: ViewersReport;
  readonly serverCpuSeconds: number;
}

const PATIENCE_MS = 30_000;

/** Runs viewers from start to end, and reads the server's usage around the measured span. */
export async function measureViewers(serverPid: number, options: ViewersOptions): Promise<ViewersMeasurement> {
  await using child = new Child('viewers', options.program, [
    ...['--port', `${options.port}`, '--path', options.path, '--viewers', `${options.viewers}`],
    ...['--warmup-ms', `${options.warmupMs}`, '--measure-ms', `${options.measureMs}`],
    ...['--blocking', options.blocking ? '1' : '0'],
  ]);
  await child.saying('measuring', options.warmupMs + PATIENCE_MS);
  const before = await readUsage(serverPid);
  await child.saying('measured', options.measureMs + PATIENCE_MS);
  const after = await readUsage(serverPid);
  // The program prints exactly the fields of ViewersReport.
  const load = (await child.saying('viewers', PATIENCE_MS)) as unknown as ViewersReport;
  return { load, serverCpuSeconds: after.cpuSeconds - before.cpuSeconds };
}
