import { useQuery } from '@tanstack/react-query';
import { Gauge } from 'lucide-react';
import { useAddressParameter } from '../../address/use-address.ts';
import { api, body } from '../../api/client.ts';
import { useTotals } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Select } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { useLiveRefresh } from '../../ui/use-live-refresh.ts';
import { OperationChart } from './operation-chart.tsx';
import { OperationTable } from './operation-table.tsx';

const windows = [
  ['60', 'Last minute'],
  ['300', 'Last 5 minutes'],
  ['all', 'Last 15 minutes'],
] as const;

const refreshMs = 5_000;

/** How long everything took: every timed operation over a window. */
export default function PerformancePage() {
  const [asked, setWindow] = useAddressParameter('window', 'all');
  const window = windows.find(([each]) => each === asked)?.[0] ?? 'all';
  const [chosen, setChosen] = useAddressParameter('operation');
  const queryKey = ['performance', window];
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/v1/metrics/performance', {
          params: { query: { window: window === 'all' ? 'all' : Number(window) } },
          signal,
        }),
      ),
    placeholderData: (before) => before,
  });
  useLiveRefresh(queryKey, useTotals(), refreshMs);
  const operations = Object.entries(data?.operations ?? {}).map(([name, figures]) => ({ name, ...figures }));
  const [busiest] = operations.toSorted((one, other) => other.count - one.count);
  const name = chosen === '' ? busiest?.name : chosen;
  return (
    <>
      <PageHeader
        title="Performance"
        hint="How long every timed operation took, and how often it succeeded."
        actions={<Select className="w-auto" aria-label="Window" value={window} onValue={setWindow} options={windows} />}
      />
      <div className="space-y-5">
        {name !== undefined && (
          <OperationChart
            names={operations.map(({ name: each }) => each)}
            name={name}
            onChoose={setChosen}
            windowSeconds={window === 'all' ? undefined : Number(window)}
          />
        )}
        <Card flush>
          {error ? (
            <Problem error={error} retry={() => void refetch()} />
          ) : data === undefined ? (
            <Loading lines={8} />
          ) : operations.length === 0 ? (
            <Empty icon={Gauge} title="Nothing was timed in this window">
              Operations show up as soon as something plays.
            </Empty>
          ) : (
            <OperationTable operations={operations} onChoose={setChosen} />
          )}
        </Card>
      </div>
    </>
  );
}
