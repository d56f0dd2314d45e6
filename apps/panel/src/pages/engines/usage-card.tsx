import { useEffect, useState } from 'react';
import { useContainerStats } from '../../api/container-stats.ts';
import type { ContainerStats, EngineState } from '../../api/types.ts';
import type { Point } from '../../charts/path.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { formatBitrate, formatBytes } from '../../format/amount.ts';
import { formatPercent } from '../../format/number.ts';
import { Card } from '../../ui/card.tsx';
import { Loading, Problem } from '../../ui/state-views.tsx';

interface Sample {
  readonly at: number;
  readonly stats: ContainerStats;
}

const kept = 200;
/** The server measures more often than this while somebody looks: figures that stay the same for so long are true. */
const staleMs = 10_000;

/** What an engine's container uses, since the page was opened. */
export function UsageCard({ engine }: { readonly engine: EngineState }) {
  const { data, error, dataUpdatedAt } = useContainerStats();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const stats = data?.get(engine.container_id);
  useEffect(() => {
    if (stats === undefined) return;
    setSamples((before) => {
      const last = before.at(-1);
      // The server has not measured again since: not a standstill, but no figure.
      const isSame = last !== undefined && JSON.stringify(last.stats) === JSON.stringify(stats);
      if (isSame && dataUpdatedAt - last.at < staleMs) return before;
      return [...before.slice(1 - kept), { at: dataUpdatedAt, stats }];
    });
  }, [stats, dataUpdatedAt]);
  const points = (figureOf: (stats: ContainerStats) => number): Point[] =>
    samples.map(({ at, stats: each }) => ({ at, value: figureOf(each) }));
  return (
    <Card title="What it uses" hint="Measured while somebody looks." flush={error !== null || data === undefined}>
      {error ? (
        <Problem error={error} />
      ) : data === undefined ? (
        <Loading />
      ) : stats === undefined ? (
        <p className="py-4 text-center text-sm text-muted">Not measured yet.</p>
      ) : (
        <div className="grid items-end gap-x-6 gap-y-5 md:grid-cols-2">
          <TimeChart
            label="CPU"
            titled
            format={formatPercent}
            atLeast={10}
            height={150}
            series={[{ name: 'CPU', points: points((each) => each.cpu_percent) }]}
          />
          <TimeChart
            label="Memory"
            titled
            format={formatBytes}
            kind="bytes"
            height={150}
            series={[{ name: 'Memory', points: points((each) => each.memory_usage) }]}
          />
          <TimeChart
            label="Network"
            titled
            format={formatBitrate}
            atLeast={100_000}
            height={150}
            series={[
              { name: 'Received', points: rates(points((each) => each.network_rx_bytes)) },
              { name: 'Sent', points: rates(points((each) => each.network_tx_bytes)) },
            ]}
          />
          <TimeChart
            label="Disk"
            titled
            format={formatBitrate}
            atLeast={100_000}
            height={150}
            series={[
              { name: 'Read', points: rates(points((each) => each.block_read_bytes)) },
              { name: 'Written', points: rates(points((each) => each.block_write_bytes)) },
            ]}
          />
        </div>
      )}
    </Card>
  );
}

/** Bits per second between counters of bytes; nothing where a counter began anew. */
function rates(points: readonly Point[]): Point[] {
  return points.slice(1).map(({ at, value }, index) => {
    const before = points[index]!;
    const grown = (value ?? 0) - (before.value ?? 0);
    return { at, value: grown < 0 || at === before.at ? null : (grown * 8_000) / (at - before.at) };
  });
}
