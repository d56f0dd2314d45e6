import { existsSync } from 'node:fs';
import { startHlsProxy, startOrigin } from '../hls-servers.ts';
import { measureViewers, type ViewersMeasurement } from '../hls-viewers.ts';
import { NGINX, serveFolder } from '../nginx-relay.ts';
import type { Stage } from '../stage.ts';
import { type Column, decimals, printTable } from '../table.ts';

interface Row extends ViewersMeasurement {
  readonly server: 'ours' | 'nginx';
  readonly viewers: number;
  /** Most fetches of one segment from the origin; undefined for nginx, which has the files. */
  readonly fetches: number | undefined;
}

/** One live playlist to viewers that poll as players do. */
export async function hls(stage: Stage): Promise<void> {
  const { clients, seconds, bitsPerSecond } = stage.options;
  const rows: Row[] = [];
  for (const viewers of clients.length > 0 ? clients : [1, 10, 50, 200, 500]) {
    process.stderr.write(`\r\x1b[Khls: ${viewers} viewers`);
    const measured = [await measureOurs(stage, viewers)];
    if (existsSync(NGINX)) measured.push(await measureNginx(stage, viewers));
    for (const row of measured) {
      rows.push(row);
      stage.keep({ scenario: 'hls', ...row, load: { ...row.load, firstPlaylistUs: [], wakes: [] } });
    }
  }
  process.stderr.write('\r\x1b[K');
  const columns: Column<Row>[] = [
    { heading: 'server', text: ({ server }) => server },
    { heading: 'viewers', text: ({ viewers }) => `${viewers}` },
    { heading: 'playlists', text: ({ load }) => `${load.playlists.count}` },
    { heading: 'p50 ms', text: ({ load }) => decimals(load.playlists.p50Ms, 2) },
    { heading: 'p95 ms', text: ({ load }) => decimals(load.playlists.p95Ms, 2) },
    { heading: 'p99 ms', text: ({ load }) => decimals(load.playlists.p99Ms, 2) },
    { heading: 'segment p50 ms', text: ({ load }) => decimals(load.segments.p50Ms, 1) },
    { heading: 'p99 ms', text: ({ load }) => decimals(load.segments.p99Ms, 1) },
    { heading: 's/GB', text: (row) => decimals(cpuSecondsPerGb(row), 2) },
    { heading: '×nginx', text: (row) => decimals(ratioToNginx(row, rows), 2) },
    { heading: 's/1000 playlists', text: (row) => decimals(cpuSecondsPerThousand(row), 2) },
    { heading: 'fetches', text: ({ fetches }) => decimals(fetches, 0) },
  ];
  const mbit = bitsPerSecond / 1e6;
  printTable(`One live playlist, segments of 2 s at ${mbit} Mbit/s, measured for ${seconds} s`, columns, rows);
}

async function measureOurs(stage: Stage, viewers: number): Promise<Row> {
  const origin = await startOrigin(stage.options.bitsPerSecond);
  let measurement: ViewersMeasurement;
  try {
    await using ours = await startHlsProxy(stage, ['--source', `http://127.0.0.1:${origin.port}/live.m3u8`]);
    measurement = await measureViewers(ours.child.pid, loadOf(stage, ours.port, viewers));
  } finally {
    await origin[Symbol.asyncDispose]();
  }
  const { mostFetchesOfOne } = await origin.child.saying('mostFetchesOfOne', 0);
  const { failures, missedSegments } = measurement.load;
  const fault = (count: number, what: string): void => {
    if (count > 0) stage.fault(`hls, ${viewers} viewers`, `${count} ${what}`);
  };
  fault(failures, 'requests failed');
  fault(missedSegments, 'segments missed by viewers');
  fault(Number(mostFetchesOfOne) - 1, 'fetches of a segment too many');
  return { ...measurement, server: 'ours', viewers, fetches: Number(mostFetchesOfOne) };
}

async function measureNginx(stage: Stage, viewers: number): Promise<Row> {
  await using origin = await startOrigin(stage.options.bitsPerSecond);
  await using nginx = await serveFolder(origin.folder);
  const measurement = await measureViewers(nginx.pid, loadOf(stage, nginx.port, viewers));
  return { ...measurement, server: 'nginx', viewers, fetches: undefined };
}

function loadOf({ options, programs }: Stage, port: number, viewers: number): Parameters<typeof measureViewers>[1] {
  return {
    ...{ program: programs.hlsViewers, port, viewers, path: '/live.m3u8', blocking: false },
    // The spread of the viewers' starts, and a reload.
    ...{ warmupMs: 4_000 + options.warmupSeconds * 1000, measureMs: options.seconds * 1000 },
  };
}

function cpuSecondsPerGb({ serverCpuSeconds, load }: Row): number {
  return serverCpuSeconds / (load.bytes / 1e9);
}

/** Everything the server did, segments and all, by the playlists it answered. */
function cpuSecondsPerThousand({ serverCpuSeconds, load }: Row): number {
  return (1000 * serverCpuSeconds) / load.playlists.count;
}

function ratioToNginx(row: Row, rows: readonly Row[]): number | undefined {
  const nginx = rows.find(({ server, viewers }) => server === 'nginx' && viewers === row.viewers);
  return nginx === undefined ? undefined : cpuSecondsPerGb(row) / cpuSecondsPerGb(nginx);
}
