import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import type { OperationFigures } from '../../api/types.ts';
import type { Point } from '../../charts/path.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { formatCount } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { useTotals } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Select } from '../../ui/field.tsx';
import { Loading, Problem } from '../../ui/state-views.tsx';
import { useLiveRefresh } from '../../ui/use-live-refresh.ts';
import { operationTitle } from './operation-title.ts';

/** The server adds a step so often. */
const stepSeconds = 5;

export interface OperationChartProps {
  readonly names: readonly string[];
  readonly name: string;
  readonly onChoose: (name: string) => void;
  /** How far back; undefined for as far as the server remembers. */
  readonly windowSeconds: number | undefined;
}

/** How long one operation took, moment by moment, as the server remembers it. */
export function OperationChart({ names, name, onChoose, windowSeconds }: OperationChartProps) {
  const queryKey = ['performance-history', name, windowSeconds];
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/v1/metrics/performance/history', {
          params: {
            query: {
              operation: name,
              step: stepSeconds,
              ...(windowSeconds === undefined ? {} : { window: windowSeconds }),
            },
          },
          signal,
        }),
      ),
  });
  useLiveRefresh(queryKey, useTotals(), stepSeconds * 1_000);
  // From where it first ran: the server may have just started.
  const first = Math.max(0, (data?.steps.findIndex(({ count }) => count > 0) ?? 0) - 1);
  const points = (figureOf: (figures: OperationFigures) => number | null): Point[] =>
    (data?.steps.slice(first) ?? []).map((figures, index) => ({
      at: Date.parse(data?.timestamps[first + index] ?? ''),
      value: figureOf(figures),
    }));
  const duration = (figureOf: (figures: OperationFigures) => number): Point[] =>
    points((figures) => (figures.count === 0 ? null : figureOf(figures)));
  return (
    <Card
      title="Over time"
      hint={`${stepSeconds} seconds a point. A gap is where it did not run.`}
      flush={data === undefined}
      actions={
        <Select
          aria-label="Operation"
          className="h-8 text-sm"
          value={name}
          onValue={onChoose}
          options={names.map((each) => [each, operationTitle(each)] as const)}
        />
      }
    >
      {error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading lines={6} />
      ) : (
        <div className="grid gap-x-6 gap-y-5 lg:grid-cols-3">
          <div className="min-w-0 lg:col-span-2">
            <TimeChart
              label="Duration"
              titled
              format={formatDuration}
              kind="duration"
              logarithmic
              series={[
                { name: 'p50', points: duration(({ p50_ms }) => p50_ms) },
                { name: 'p95', points: duration(({ p95_ms }) => p95_ms) },
                { name: 'p99', points: duration(({ p99_ms }) => p99_ms) },
              ]}
            />
          </div>
          <TimeChart
            label="Runs and failures"
            titled
            format={formatCount}
            kind="count"
            atLeast={4}
            series={[
              { name: 'Runs', points: points(({ count }) => count) },
              {
                name: 'Failed',
                points: points(({ count, success_rate }) => Math.round((count * (100 - success_rate)) / 100)),
              },
            ]}
          />
        </div>
      )}
    </Card>
  );
}
