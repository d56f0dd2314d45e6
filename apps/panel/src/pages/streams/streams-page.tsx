import { useQuery } from '@tanstack/react-query';
import { Activity, SearchX } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { api, body } from '../../api/client.ts';
import type { StreamState } from '../../api/types.ts';
import { formatCount, formatPlural } from '../../format/number.ts';
import { useLive, useStreams } from '../../live/use-live.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { streamColumns } from './stream-columns.tsx';

type Shown = 'running' | 'ended';

/** Everything that plays, and what played before. */
export function StreamsPage() {
  const [shown, setShown] = useState<Shown>('running');
  const [filter, setFilter] = useState('');
  const loaded = useLive((state) => state.loaded);
  const running = useStreams();
  const viewers = running.reduce((sum, { clients }) => sum + clients, 0);
  return (
    <>
      <PageHeader
        title="Streams"
        hint={
          loaded
            ? `${formatPlural(running.length, 'stream')} for ${formatPlural(viewers, 'viewer')}`
            : 'Waiting for the server'
        }
      />
      <div className="mb-4 flex gap-2">
        <Input
          type="search"
          className="w-full max-w-sm flex-1"
          placeholder="Filter by channel or engine"
          aria-label="Filter by channel or engine"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <Select
          className="shrink-0"
          aria-label="Which streams"
          value={shown}
          onValue={(value) => setShown(value as Shown)}
          options={[
            ['running', 'Playing'],
            ['ended', 'Ended'],
          ]}
        />
      </div>
      <div className="card">
        {shown === 'ended' ? (
          <EndedStreams filter={filter} />
        ) : loaded ? (
          <StreamTable streams={running} filter={filter} />
        ) : (
          <Loading lines={8} />
        )}
      </div>
    </>
  );
}

function EndedStreams({ filter }: { readonly filter: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['streams', 'ended'],
    queryFn: ({ signal }) => body(api.GET('/api/v1/streams', { params: { query: { status: 'ended' } }, signal })),
  });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading lines={8} />;
  return <StreamTable streams={data} filter={filter} ended />;
}

interface StreamTableProps {
  readonly streams: readonly StreamState[];
  readonly filter: string;
  readonly ended?: boolean;
}

function StreamTable({ streams, filter, ended = false }: StreamTableProps) {
  const engines = useLive((state) => state.engines);
  const wanted = useDeferredValue(filter.trim().toLowerCase());
  const rows = streams.filter(
    ({ id, key, infohash, container_id }) =>
      wanted === '' ||
      [id, key, infohash, container_id, engines.get(container_id)?.container_name ?? ''].some((text) =>
        text.toLowerCase().includes(wanted),
      ),
  );
  if (rows.length === 0) {
    if (streams.length > 0) {
      return (
        <Empty icon={SearchX} title="No stream fits the filter">
          {formatCount(streams.length)} others do not.
        </Empty>
      );
    }
    return ended ? (
      <Empty icon={Activity} title="No stream has ended yet">
        The last ones are remembered here, with the reason.
      </Empty>
    ) : (
      <Empty icon={Activity} title="Nothing plays">
        A channel shows up here as soon as a player opens it.
      </Empty>
    );
  }
  return (
    <DataTable
      label={ended ? 'Ended streams' : 'Playing streams'}
      columns={streamColumns(engines, ended)}
      rows={rows}
      rowKey={({ id }) => id}
      sortBy={ended ? 'ended' : 'viewers'}
    />
  );
}
