import { readFile } from 'node:fs/promises';

/** Linux counts a process's time in hundredths of a second, USER_HZ. */
const TICKS_PER_SECOND = 100;

/** What a process and its children have used. */
export interface ProcessUsage {
  /** User and system time since they started. */
  readonly cpuSeconds: number;
  readonly userSeconds: number;
  readonly rssBytes: number;
}

/** Reads /proc/<pid>/stat and status of a process and of those it started. */
export async function readUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status, children] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'),
  ]);
  // The second field, the name in parentheses, may hold spaces; utime and stime are the 14th and the 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const userSeconds = Number(fields[11]) / TICKS_PER_SECOND;
  const own: ProcessUsage = {
    userSeconds,
    cpuSeconds: userSeconds + Number(fields[12]) / TICKS_PER_SECOND,
    rssBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
  };
  const started = await Promise.all(
    children
      .split(' ')
      .filter(Boolean)
      .map((child) => readUsage(Number(child))),
  );
  return started.reduce(
    (sum, usage) => ({
      userSeconds: sum.userSeconds + usage.userSeconds,
      cpuSeconds: sum.cpuSeconds + usage.cpuSeconds,
      rssBytes: sum.rssBytes + usage.rssBytes,
    }),
    own,
  );
}
