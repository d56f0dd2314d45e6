import { faultsOf } from '../faults.ts';
import { cpuSecondsPerGb, measureAll, type Row, type Stage } from '../stage.ts';
import { type Column, decimals, printTable } from '../table.ts';

/** One paced stream to more and more clients. */
export async function fanout(stage: Stage): Promise<void> {
  const { clients, streams } = stage.options;
  const counts = clients.length > 0 ? clients : [1, 10, 50, 200, 500];
  const rows: Row[] = [];
  for (const count of counts) rows.push(...(await measurePaced(stage, 'fanout', count, streams)));
  show(stage, rows);
}

/** Ten streams at once, and one stream to a thousand clients. */
export async function many(stage: Stage): Promise<void> {
  show(stage, [...(await measurePaced(stage, 'many', 200, 10)), ...(await measurePaced(stage, 'many', 1000, 1))]);
}

async function measurePaced(stage: Stage, scenario: string, clients: number, streams: number): Promise<Row[]> {
  const rows = await measureAll(stage, scenario, { clients, streams, unpaced: false });
  for (const row of rows) {
    if (row.server !== 'ours') continue;
    for (const fault of faultsOf(row.load)) stage.fault(`${scenario}, ${clients} clients`, fault);
  }
  return rows;
}

function show(stage: Stage, rows: readonly Row[]): void {
  const { bitsPerSecond, seconds } = stage.options;
  const columns: Column<Row>[] = [
    { heading: 'server', text: (row) => row.server },
    {
      heading: 'clients',
      text: (row) => (row.streams > 1 ? `${row.streams}×${row.clients / row.streams}` : `${row.clients}`),
    },
    { heading: 'MB/s', text: (row) => decimals(row.load.bytes / 1e6 / row.load.seconds, 1) },
    { heading: 'CPU s/GB', text: (row) => decimals(cpuSecondsPerGb(row), 3) },
    { heading: '×pipe', text: (row) => decimals(ratioTo('pipe', row, rows), 2) },
    { heading: '×c-batched', text: (row) => decimals(ratioTo('c-batched', row, rows), 2) },
    { heading: 'KB/read', text: (row) => decimals(row.load.bytes / row.load.reads / 1e3, 1) },
    { heading: 'user %', text: (row) => decimals((100 * row.serverUserSeconds) / row.serverCpuSeconds, 0) },
    { heading: 'p50 ms', text: (row) => decimals(row.load.ageP50Ms, 1) },
    { heading: 'p99 ms', text: (row) => decimals(row.load.ageP99Ms, 1) },
    { heading: 'max ms', text: (row) => decimals(row.load.ageMaxMs, 1) },
    { heading: 'loop p99 ms', text: ({ loopDelay }) => decimals(loopDelay?.loopDelayP99Ms, 1) },
    { heading: 'loop max ms', text: ({ loopDelay }) => decimals(loopDelay?.loopDelayMaxMs, 1) },
    { heading: 'RSS MB', text: (row) => decimals(row.serverRssBytes / 1e6, 0) },
    { heading: 'MB/100', text: (row) => decimals(rssPerHundred(row, rows), 2) },
    { heading: 'lost B', text: (row) => `${row.load.lostPackets * 188}` },
    { heading: 'reordered', text: (row) => `${row.load.repeatedPackets + row.load.reorderedPackets}` },
    { heading: 'clean joins', text: (row) => `${row.load.cleanStarts}` },
    { heading: 'load CPU %', text: (row) => decimals((100 * row.load.cpuSeconds) / row.load.seconds, 0) },
  ];
  printTable(`One stream of ${bitsPerSecond / 1e6} Mbit/s, measured for ${seconds} s`, columns, rows);
}

function ratioTo(reference: string, row: Row, rows: readonly Row[]): number | undefined {
  const beside = rows.find(
    ({ server, clients, streams }) => server === reference && clients === row.clients && streams === row.streams,
  );
  return beside === undefined ? undefined : cpuSecondsPerGb(row) / cpuSecondsPerGb(beside);
}

/** Memory that a hundred clients add to what the same server took for the fewest. */
function rssPerHundred(row: Row, rows: readonly Row[]): number | undefined {
  const fewest = rows
    .filter(({ server, streams }) => server === row.server && streams === row.streams)
    .reduce((least, other) => (other.clients < least.clients ? other : least));
  if (row.clients < fewest.clients + 100) return undefined;
  return (row.serverRssBytes - fewest.serverRssBytes) / 1e6 / ((row.clients - fewest.clients) / 100);
}
