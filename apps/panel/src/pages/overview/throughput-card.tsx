import { useMemo } from 'react';
import { useAddressParameter } from '../../address/use-address.ts';
import { useHistory } from '../../api/history.ts';
import type { Point } from '../../charts/path.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { formatBitrate } from '../../format/amount.ts';
import { useTotals } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Select } from '../../ui/field.tsx';

const windows = [
  ['600', 'Last 10 minutes'],
  ['3600', 'Last hour'],
  ['86400', 'Last day'],
] as const;

/** What comes from engines and what goes to viewers, over time. */
export function ThroughputCard() {
  const [asked, setWindow] = useAddressParameter('window', '3600');
  const window = windows.find(([each]) => each === asked)?.[0] ?? '3600';
  const { data } = useHistory(['throughput_out', 'throughput_in'], Number(window));
  const totals = useTotals();
  const seen = useMemo(
    () => [
      totals.map(({ at, outBitsPerSecond: value }) => ({ at, value })),
      totals.map(({ at, inBitsPerSecond: value }) => ({ at, value })),
    ],
    [totals],
  );
  // Until the server remembers enough, what this page has seen itself.
  const remembered = data !== undefined && data.length === 2 && data.every((points) => countKnown(points) > 1);
  const [out = [], into = []] = remembered ? data.map(bits) : seen;
  return (
    <Card
      title="Throughput"
      actions={
        <Select
          className="h-8 text-sm"
          aria-label="Throughput over"
          value={window}
          onValue={setWindow}
          options={windows}
        />
      }
    >
      <TimeChart
        label="Throughput over time"
        format={formatBitrate}
        atLeast={1_000_000}
        series={[
          { name: 'To viewers', points: out },
          { name: 'From engines', points: into },
        ]}
      />
    </Card>
  );
}

function bits(points: readonly Point[]): Point[] {
  return points.map(({ at, value }) => ({ at, value: value === null ? null : value * 8 }));
}

function countKnown(points: readonly Point[]): number {
  return points.filter(({ value }) => value !== null).length;
}
