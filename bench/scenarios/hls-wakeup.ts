import { startHlsProxy } from '../hls-servers.ts';
import { measureViewers } from '../hls-viewers.ts';
import type { Stage } from '../stage.ts';
import { decimals, printTable } from '../table.ts';

const FIRST_VIEWERS = 10;
const PART_MS = 333;

interface Row {
  readonly what: string;
  readonly viewers: number;
  readonly times: readonly number[];
}

/** From a part to the last viewer that waited for it, and from the first window to the last of ten first viewers. */
export async function hlsWakeup(stage: Stage): Promise<void> {
  const { clients } = stage.options;
  const rows: Row[] = [{ what: 'first playlists', viewers: FIRST_VIEWERS, times: await firstPlaylists(stage) }];
  for (const viewers of clients.length > 0 ? clients : [200]) {
    rows.push({ what: 'part to last viewer', viewers, times: await wakeups(stage, viewers) });
  }
  process.stderr.write('\r\x1b[K');
  for (const row of rows) stage.keep({ scenario: 'hls-wakeup', ...row });
  const at = (share: number) => (row: Row) => {
    const sorted = row.times.toSorted((a, b) => a - b);
    return decimals(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))], 1);
  };
  printTable(
    'Waiting viewers, woken',
    [
      { heading: 'what', text: ({ what }) => what },
      { heading: 'viewers', text: ({ viewers }) => `${viewers}` },
      { heading: 'times', text: ({ times }) => `${times.length}` },
      { heading: 'p50 ms', text: at(0.5) },
      { heading: 'p99 ms', text: at(0.99) },
      { heading: 'max ms', text: at(1) },
    ],
    rows,
  );
}

async function firstPlaylists(stage: Stage): Promise<number[]> {
  await using ours = await startHlsProxy(stage, ['--parts', `${PART_MS}`]);
  const options = { program: stage.programs.hlsViewers, port: ours.port, path: '/live.m3u8', blocking: true };
  const { load } = await measureViewers(ours.child.pid, {
    ...{ ...options, viewers: FIRST_VIEWERS, path: '/live.m3u8?ll=1', warmupMs: 500, measureMs: 500 },
  });
  const { liveAtUs } = await ours.child.saying('liveAtUs', 0);
  if (ours.child.said.filter((line) => 'liveAtUs' in line).length !== 1) stage.fault('hls-wakeup', 'several sessions');
  return load.firstPlaylistUs.map((atUs) => (atUs - Number(liveAtUs)) / 1000);
}

async function wakeups(stage: Stage, viewers: number): Promise<number[]> {
  process.stderr.write(`\r\x1b[Khls-wakeup: ${viewers} viewers`);
  await using ours = await startHlsProxy(stage, ['--parts', `${PART_MS}`]);
  const { load } = await measureViewers(ours.child.pid, {
    ...{ program: stage.programs.hlsViewers, port: ours.port, path: '/live.m3u8?ll=1', blocking: true, viewers },
    ...{ warmupMs: stage.options.warmupSeconds * 1000, measureMs: stage.options.seconds * 1000 },
  });
  if (load.failures > 0) stage.fault(`hls-wakeup, ${viewers} viewers`, `${load.failures} requests failed`);
  const cuts = ours.child.said.filter((line) => 'cut' in line);
  const cutAt = new Map(cuts.map(({ cut, atUs }) => [(cut as number[]).join('.'), Number(atUs)]));
  // The first part may come before all viewers wait.
  return load.wakes
    .filter(({ count, part }) => count === viewers && part > 0)
    .map(({ msn, part, lastUs }) => (lastUs - (cutAt.get(`${msn}.${part}`) ?? Number.NaN)) / 1000)
    .filter((ms) => ms >= 0);
}
