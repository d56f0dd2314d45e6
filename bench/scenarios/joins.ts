import { faultsOf } from '../faults.ts';
import { startLiveSource } from '../live-source.ts';
import { type LoadReport, measureLoad } from '../load.ts';
import type { ServerUnderTest } from '../server-under-test.ts';
import { loadOf, type Stage, sourceOf } from '../stage.ts';
import { type Column, decimals, printTable } from '../table.ts';

/** Time between two joins: no multiple of the source's 20 ms, so that they fall everywhere in a batch. */
const JOIN_INTERVAL_MS = 37;
/** Time for the load client to start, and for its clients to come in. */
const START_MS = 1_500;

interface JoinRow {
  readonly server: string;
  readonly running: number;
  readonly joins: LoadReport;
}

/** Clients that join, see their first keyframe and leave, while others play. */
export async function joins(stage: Stage): Promise<void> {
  const { clients } = stage.options;
  const rows: JoinRow[] = [];
  for (const running of clients.length > 0 ? clients : [1, 50, 200]) {
    for (const server of stage.servers) {
      process.stderr.write(`\r\x1b[Kjoins: ${server.name}, ${running} running`);
      rows.push(await measureJoins(stage, server, running));
    }
  }
  process.stderr.write('\r\x1b[K');
  const columns: Column<JoinRow>[] = [
    { heading: 'server', text: (row) => row.server },
    { heading: 'running', text: (row) => `${row.running}` },
    { heading: 'joins', text: (row) => `${row.joins.joined}` },
    { heading: 'first byte p50 ms', text: (row) => decimals(row.joins.firstByteP50Ms, 2) },
    { heading: 'p99 ms', text: (row) => decimals(row.joins.firstByteP99Ms, 2) },
    { heading: 'max ms', text: (row) => decimals(row.joins.firstByteMaxMs, 2) },
    { heading: 'keyframe p50 ms', text: (row) => decimals(row.joins.keyframeP50Ms, 2) },
    { heading: 'p99 ms', text: (row) => decimals(row.joins.keyframeP99Ms, 2) },
    {
      heading: 'PAT, PMT, keyframe first',
      text: ({ joins }) => `${decimals((100 * joins.cleanStarts) / joins.joined, 0)} %`,
    },
    { heading: 'misaligned', text: (row) => `${row.joins.misalignedStarts}` },
  ];
  printTable('Joins of a running stream', columns, rows);
}

async function measureJoins(stage: Stage, server: ServerUnderTest, running: number): Promise<JoinRow> {
  const { options } = stage;
  const joinCount = Math.max(20, Math.floor((options.seconds * 1000) / JOIN_INTERVAL_MS));
  const joinSpanMs = joinCount * JOIN_INTERVAL_MS;
  await using source = await startLiveSource(sourceOf(stage, false));
  await using relay = await server.start({ sourcePort: source.port, clients: running, streams: 1 });
  const load = loadOf(stage, relay.port);
  const staying = measureLoad(relay, { ...load, clients: running, measureMs: joinSpanMs + 2 * START_MS });
  const joining = new Promise<void>((resolve) => setTimeout(resolve, load.rampMs + load.warmupMs + START_MS)).then(() =>
    measureLoad(relay, { ...load, clients: joinCount, rampMs: joinSpanMs, measureMs: 0, leaveAfterJoin: true }),
  );
  const [stayed, joined] = await Promise.all([staying, joining]);
  stage.keep({ scenario: 'joins', server: server.name, running, load: { ...joined.load, closedAtUs: [] } });
  if (server.name === 'ours') {
    for (const fault of [...faultsOf(stayed.load), ...faultsOf(joined.load)]) {
      stage.fault(`joins, ${running} running`, fault);
    }
  }
  return { server: server.name, running, joins: joined.load };
}
