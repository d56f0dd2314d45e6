import type { LoadReport } from './load.ts';

/** What must not happen to any client of our server, in words; empty when all is well. */
export function faultsOf(load: LoadReport): string[] {
  const faults: string[] = [];
  const report = (count: number, what: string): void => {
    if (count > 0) faults.push(`${count} ${what}`);
  };
  report(load.lostPackets * 188, `bytes lost in ${load.gaps} places`);
  report(load.repeatedPackets, 'packets repeated');
  report(load.reorderedPackets, 'packets out of order');
  report(load.foreignPackets, 'packets that the source did not send');
  report(load.misalignments, 'times packets did not follow each other');
  report(load.clients - load.cleanStarts, 'joins without PAT, PMT and keyframe first');
  report(load.refused + load.endedByServer, 'clients refused or ended');
  report(load.clients - load.joined, 'clients without a byte');
  return faults;
}
