import { cpuSecondsPerGb, measureAll, type Row, type Stage } from '../stage.ts';
import { type Column, decimals, printTable } from '../table.ts';

/** One stream as fast as source, server and clients can go. */
export async function unpaced(stage: Stage): Promise<void> {
  const { clients, seconds } = stage.options;
  const rows: Row[] = [];
  for (const count of clients.length > 0 ? clients : [1, 10]) {
    rows.push(...(await measureAll(stage, 'unpaced', { clients: count, streams: 1, unpaced: true })));
  }
  for (const { server, load } of rows) {
    const disorder = load.repeatedPackets + load.reorderedPackets + load.misalignments + load.endedByServer;
    if (server === 'ours' && disorder > 0) {
      stage.fault(`unpaced, ${load.clients} clients`, `${disorder} packets out of order, or clients ended`);
    }
  }
  const columns: Column<Row>[] = [
    { heading: 'server', text: (row) => row.server },
    { heading: 'clients', text: (row) => `${row.clients}` },
    { heading: 'MB/s', text: (row) => decimals(megabytesPerSecond(row), 0) },
    { heading: '×pipe', text: (row) => decimals(ratioToPipe(row, rows), 2) },
    { heading: 'CPU s/GB', text: (row) => decimals(cpuSecondsPerGb(row), 3) },
    { heading: 'RSS MB', text: (row) => decimals(row.serverRssBytes / 1e6, 0) },
    { heading: 'skipped MB', text: (row) => decimals((row.load.lostPackets * 188) / 1e6, 1) },
    { heading: 'load CPU %', text: (row) => decimals((100 * row.load.cpuSeconds) / row.load.seconds, 0) },
  ];
  printTable(`One stream as fast as it goes, measured for ${seconds} s`, columns, rows);
}

function megabytesPerSecond({ load }: Row): number {
  return load.bytes / 1e6 / load.seconds;
}

function ratioToPipe(row: Row, rows: readonly Row[]): number | undefined {
  const pipe = rows.find(({ server, clients }) => server === 'pipe' && clients === row.clients);
  return pipe === undefined ? undefined : megabytesPerSecond(row) / megabytesPerSecond(pipe);
}
