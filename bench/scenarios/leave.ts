import { startLiveSource } from '../live-source.ts';
import { measureLoad } from '../load.ts';
import { loadOf, type Stage, sourceOf } from '../stage.ts';
import { type Column, decimals, printTable } from '../table.ts';

const LEAVES = 20;
/** A session lives on for so long; the next client comes well after that. */
const LINGER_MS = 100;
const INTERVAL_MS = 400;

interface LeaveRow {
  readonly server: string;
  readonly delaysMs: readonly number[];
}

/** How long after the last client has gone, and linger has passed, the source sees its connection closed. */
export async function leave(stage: Stage): Promise<void> {
  const ours = stage.servers.find(({ name }) => name === 'ours');
  if (ours === undefined) return;
  const settings = JSON.stringify({ ...JSON.parse(stage.options.settings), linger: { ms: LINGER_MS } });
  await using source = await startLiveSource(sourceOf(stage, false));
  await using running = await ours.start({ sourcePort: source.port, clients: 1, streams: 1 }, settings);
  const { load } = await measureLoad(running, {
    ...loadOf(stage, running.port),
    clients: LEAVES,
    rampMs: LEAVES * INTERVAL_MS,
    leaveAfterJoin: true,
  });
  await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  const closedAtUs = source.closedAtUs();
  if (closedAtUs.length !== LEAVES) {
    return stage.fault('leave', `${closedAtUs.length} sources were closed after ${LEAVES} leaves`);
  }
  const delaysMs = load.closedAtUs.map((leftAtUs, at) => (closedAtUs[at]! - leftAtUs) / 1000 - LINGER_MS);
  delaysMs.sort((a, b) => a - b);
  stage.keep({ scenario: 'leave', server: 'ours', delaysMs });
  const columns: Column<LeaveRow>[] = [
    { heading: 'server', text: (row) => row.server },
    { heading: 'leaves', text: (row) => `${row.delaysMs.length}` },
    { heading: 'p50 ms', text: (row) => decimals(row.delaysMs[row.delaysMs.length >> 1], 2) },
    { heading: 'max ms', text: (row) => decimals(row.delaysMs.at(-1), 2) },
  ];
  printTable('From the end of linger to the source seeing its connection closed', columns, [
    { server: 'ours', delaysMs },
  ]);
}
