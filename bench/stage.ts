import type { BenchOptions } from './command-line.ts';
import { type LiveSourceOptions, startLiveSource } from './live-source.ts';
import { type LoadOptions, type Measurement, measureLoad } from './load.ts';
import type { NativePrograms } from './native-programs.ts';
import type { ServerName, ServerUnderTest } from './server-under-test.ts';

/** All that a scenario works with. */
export interface Stage {
  readonly options: BenchOptions;
  readonly programs: NativePrograms;
  readonly servers: readonly ServerUnderTest[];
  /** A fault of our server: the run fails. */
  fault(where: string, what: string): void;
  /** Keeps a measurement for `--json`. */
  keep(row: Readonly<Record<string, unknown>>): void;
}

export interface Play {
  readonly clients: number;
  readonly streams: number;
  readonly unpaced: boolean;
}

/** Starts a source, a server and clients, and measures them. */
export async function measurePlay(stage: Stage, server: ServerUnderTest, play: Play): Promise<Measurement> {
  await using source = await startLiveSource(sourceOf(stage, play.unpaced));
  await using running = await server.start({ sourcePort: source.port, ...play });
  return await measureLoad(running, { ...loadOf(stage, running.port), ...play });
}

export function sourceOf({ options, programs }: Stage, unpaced: boolean): LiveSourceOptions {
  return { program: programs.source, bitsPerSecond: options.bitsPerSecond, unpaced };
}

/** A load of one client that stays for the measured span. */
export function loadOf({ options, programs }: Stage, port: number): LoadOptions {
  return {
    program: programs.loadClient,
    port,
    clients: 1,
    streams: 1,
    rampMs: 500,
    warmupMs: options.warmupSeconds * 1000,
    measureMs: options.seconds * 1000,
    leaveAfterJoin: false,
    http: options.http,
  };
}

export interface Row extends Measurement {
  readonly server: ServerName;
  readonly clients: number;
  readonly streams: number;
}

/** Measures every server that can, in turn, `rounds` times, and gives each one's median by CPU. */
export async function measureAll(stage: Stage, scenario: string, play: Play): Promise<Row[]> {
  const able = stage.servers.filter((server) => play.streams === 1 || server.manyStreams);
  const measured = new Map<ServerName, Row[]>(able.map(({ name }) => [name, []]));
  for (let round = 0; round < stage.options.rounds; round++) {
    for (const server of able) {
      process.stderr.write(`\r\x1b[K${scenario}: ${server.name}, ${play.clients} clients`);
      const row = await measureRow(stage, scenario, server, play);
      if (row === undefined) continue;
      measured.get(server.name)?.push(row);
      const { closedAtUs: _, ...load } = row.load;
      stage.keep({ scenario, round, ...row, load });
    }
  }
  process.stderr.write('\r\x1b[K');
  return [...measured.values()].flatMap((rows) => {
    rows.sort((a, b) => cpuSecondsPerGb(a) - cpuSecondsPerGb(b));
    return rows.slice(rows.length >> 1, (rows.length >> 1) + 1);
  });
}

/** A server that cannot be measured leaves its row out; for ours that is a fault. */
async function measureRow(
  stage: Stage,
  scenario: string,
  server: ServerUnderTest,
  play: Play,
): Promise<Row | undefined> {
  try {
    return { server: server.name, ...play, ...(await measurePlay(stage, server, play)) };
  } catch (error) {
    const where = `${scenario}, ${play.clients} clients`;
    if (server.name === 'ours') stage.fault(where, String(error));
    else console.log(`\n${where}: ${server.name} was left out: ${error}`);
    return undefined;
  }
}

/** Server CPU for a gigabyte (10^9 bytes) that clients have read. */
export function cpuSecondsPerGb({ serverCpuSeconds, load }: Measurement): number {
  return serverCpuSeconds / (load.bytes / 1e9);
}
