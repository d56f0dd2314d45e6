import { TimeChart } from '../../charts/time-chart.tsx';
import { formatBitrate } from '../../format/amount.ts';
import { useTotals } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';

/** What comes from engines and what goes to viewers, over time. */
export function ThroughputCard() {
  const totals = useTotals();
  return (
    <Card title="Throughput">
      <TimeChart
        label="Throughput over time"
        format={formatBitrate}
        atLeast={1_000_000}
        series={[
          { name: 'To viewers', points: totals.map(({ at, outBitsPerSecond: value }) => ({ at, value })) },
          { name: 'From engines', points: totals.map(({ at, inBitsPerSecond: value }) => ({ at, value })) },
        ]}
      />
    </Card>
  );
}
