import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, body } from '../../api/client.ts';
import type { PerformanceReport } from '../../api/types.ts';
import type { Point } from '../../charts/path.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { formatCount } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { useTotals } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Select } from '../../ui/field.tsx';
import { useLiveRefresh } from '../../ui/use-live-refresh.ts';
import { operationTitle } from './operation-title.ts';

type Figures = PerformanceReport['operations'][string];

interface Sample {
  readonly at: number;
  readonly operations: Readonly<Record<string, Figures>>;
}

/** A point of the chart is what happened in so many seconds. */
const stepSeconds = 5;
/** Of fifteen minutes, which is what the table can look back as well. */
const kept = 180;
const queryKey = ['performance', 'chart'];

export interface OperationChartProps {
  readonly names: readonly string[];
  /** Shown until another one is chosen. */
  readonly busiest: string | undefined;
}

/** How long one operation took, moment by moment, since the page was opened. */
export function OperationChart({ names, busiest }: OperationChartProps) {
  const [chosen, setChosen] = useState<string>();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const { data, dataUpdatedAt } = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/metrics/performance', { params: { query: { window: stepSeconds } }, signal })),
  });
  useLiveRefresh(queryKey, useTotals(), stepSeconds * 1_000);
  useEffect(() => {
    if (data === undefined) return;
    setSamples((before) => [...before.slice(1 - kept), { at: dataUpdatedAt, operations: data.operations }]);
  }, [data, dataUpdatedAt]);
  const name = chosen ?? busiest;
  if (name === undefined) return null;
  const points = (figureOf: (figures: Figures) => number): Point[] =>
    samples.map(({ at, operations }) => {
      const figures = operations[name];
      return { at, value: figures === undefined || figures.count === 0 ? null : figureOf(figures) };
    });
  return (
    <Card
      title="Over time"
      hint={`Of the last ${stepSeconds} seconds each, since you opened the page.`}
      actions={
        <Select
          aria-label="Operation"
          className="h-8 text-sm"
          value={name}
          onValue={setChosen}
          options={names.map((each) => [each, operationTitle(each)] as const)}
        />
      }
    >
      <div className="grid gap-x-6 gap-y-5 lg:grid-cols-3">
        <div className="min-w-0 lg:col-span-2">
          <TimeChart
            label={`Duration of ${operationTitle(name)}`}
            format={formatDuration}
            kind="duration"
            series={[
              { name: 'p50', points: points(({ p50_ms }) => p50_ms) },
              { name: 'p95', points: points(({ p95_ms }) => p95_ms) },
              { name: 'p99', points: points(({ p99_ms }) => p99_ms) },
            ]}
          />
        </div>
        <TimeChart
          label={`Runs of ${operationTitle(name)}`}
          format={formatCount}
          atLeast={4}
          series={[
            {
              name: 'Runs',
              points: samples.map(({ at, operations }) => ({ at, value: operations[name]?.count ?? 0 })),
            },
          ]}
        />
      </div>
    </Card>
  );
}
