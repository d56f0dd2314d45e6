import { useQuery } from '@tanstack/react-query';
import { Activity, SearchX } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { StopStreamsButton } from '../../actions/stop-streams-button.tsx';
import { api, body } from '../../api/client.ts';
import type { StreamState } from '../../api/types.ts';
import { shortId } from '../../format/content.ts';
import { formatCount, formatPlural } from '../../format/number.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useLive, useStreams } from '../../live/use-live.ts';
import { viewersOf } from '../../model/viewers-of.ts';
import { ActionBar } from '../../ui/action-bar.tsx';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import type { RowSelection } from '../../ui/row-selection.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { streamColumns } from './stream-columns.tsx';

type Shown = 'running' | 'ended';

/** Everything that plays, and what played before. */
export function StreamsPage() {
  const [shown, setShown] = useState<Shown>('running');
  const [filter, setFilter] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string | number>>(new Set());
  const canChange = useCanChange();
  const loaded = useLive((state) => state.loaded);
  const running = useStreams();
  // Those that have ended meanwhile are not chosen any more.
  const chosenStreams = running.filter(({ id }) => chosen.has(id));
  return (
    <>
      <PageHeader
        title="Streams"
        hint={
          loaded
            ? `${formatPlural(running.length, 'stream')} for ${formatPlural(viewersOf(running), 'viewer')}`
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
          <StreamTable
            streams={running}
            filter={filter}
            selection={canChange ? { chosen, onChoose: setChosen, nameOf: ({ key }) => shortId(key) } : undefined}
          />
        ) : (
          <Loading lines={8} />
        )}
      </div>
      {shown === 'running' && canChange && chosenStreams.length > 0 && (
        <ActionBar
          label="Selected streams"
          text={`${formatPlural(chosenStreams.length, 'stream')} selected, ${formatPlural(viewersOf(chosenStreams), 'viewer')}`}
        >
          <Button onClick={() => setChosen(new Set())}>Clear</Button>
          <StopStreamsButton streams={chosenStreams} onStopped={() => setChosen(new Set())} />
        </ActionBar>
      )}
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
  readonly selection?: RowSelection<StreamState> | undefined;
}

function StreamTable({ streams, filter, ended = false, selection }: StreamTableProps) {
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
      selection={selection}
    />
  );
}
