import { Child } from './child.ts';
import { readUsage } from './process-usage.ts';
import type { LoopDelay, RunningServer } from './server-under-test.ts';

/** What the load client found, see native/load-client.c. */
export interface LoadReport {
  readonly clients: number;
  readonly joined: number;
  readonly refused: number;
  /** Connections that the server ended. */
  readonly endedByServer: number;
  /** Joins that began with PAT, PMT and the packet in which a keyframe starts. */
  readonly cleanStarts: number;
  readonly misalignedStarts: number;
  readonly firstByteP50Ms: number;
  readonly firstByteP99Ms: number;
  readonly firstByteMaxMs: number;
  readonly keyframeP50Ms: number;
  readonly keyframeP99Ms: number;
  /** The measured span. */
  readonly seconds: number;
  /** Body bytes in that span, all clients. */
  readonly bytes: number;
  readonly reads: number;
  readonly lostPackets: number;
  readonly gaps: number;
  readonly repeatedPackets: number;
  readonly reorderedPackets: number;
  readonly foreignPackets: number;
  readonly nullPackets: number;
  readonly misalignments: number;
  /** From the source's write to the client's read. */
  readonly ageP50Ms: number;
  readonly ageP99Ms: number;
  readonly ageMaxMs: number;
  /** The load client's own. */
  readonly cpuSeconds: number;
  /** CLOCK_MONOTONIC of each client's leave, microseconds; 0 for those that stayed. */
  readonly closedAtUs: readonly number[];
}

export interface LoadOptions {
  readonly program: string;
  readonly port: number;
  readonly clients: number;
  readonly streams: number;
  readonly rampMs: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly leaveAfterJoin: boolean;
  readonly http: '1.0' | '1.1';
}

/** The load, and what the server used meanwhile. */
export interface Measurement {
  readonly load: LoadReport;
  /** User and system time of the server in the measured span. */
  readonly serverCpuSeconds: number;
  readonly serverUserSeconds: number;
  /** At the end of the measured span. */
  readonly serverRssBytes: number;
  /** In the measured span. */
  readonly loopDelay: LoopDelay | undefined;
}

/** How long beyond its own timetable the load client may take. */
const PATIENCE_MS = 40_000;

/** Runs one load client from start to end, and reads the server's usage around the measured span. */
export async function measureLoad(
  server: Pick<RunningServer, 'pid' | 'loopDelay'>,
  options: LoadOptions,
): Promise<Measurement> {
  await using child = new Child('load client', options.program, [
    ...['--port', `${options.port}`, '--clients', `${options.clients}`, '--streams', `${options.streams}`],
    ...['--ramp-ms', `${options.rampMs}`, '--warmup-ms', `${options.warmupMs}`, '--measure-ms', `${options.measureMs}`],
    ...['--leave-after-join', options.leaveAfterJoin ? '1' : '0', '--http', options.http],
  ]);
  await child.saying('measuring', options.rampMs + options.warmupMs + PATIENCE_MS);
  await server.loopDelay();
  const before = await readUsage(server.pid);
  await child.saying('measured', options.rampMs + options.measureMs + PATIENCE_MS);
  const [after, loopDelay] = await Promise.all([readUsage(server.pid), server.loopDelay()]);
  // The load client prints exactly the fields of LoadReport.
  const load = (await child.saying('clients', PATIENCE_MS)) as unknown as LoadReport;
  return {
    load,
    serverCpuSeconds: after.cpuSeconds - before.cpuSeconds,
    serverUserSeconds: after.userSeconds - before.userSeconds,
    serverRssBytes: after.rssBytes,
    loopDelay,
  };
}
