import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText, SearchX, X } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useAddressParameter } from '../../address/use-address.ts';
import { api, body } from '../../api/client.ts';
import type { EventEntry } from '../../api/types.ts';
import { shortId } from '../../format/content.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useEngineName, useLive } from '../../live/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { FoundCount } from '../../ui/found-count.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { CleanUpButton } from './clean-up-button.tsx';
import { eventColumns } from './event-columns.tsx';
import { EventDialog } from './event-dialog.tsx';
import { matchesEvent, mergeEvents } from './merge-events.ts';

const pageSize = 200;

const types = [
  ['', 'All kinds'],
  ['engine', 'Engines'],
  ['stream', 'Streams'],
  ['health', 'Health'],
  ['system', 'System'],
  ['vpn', 'VPN'],
] as const;

/** What happened, newest first: live at the top, older entries as one scrolls. */
export default function EventsPage() {
  const [kind, setKind] = useAddressParameter('kind');
  const type = types.find(([each]) => each === kind)?.[0] ?? '';
  const [text, setText] = useAddressParameter('find');
  const [streamId, setStreamId] = useAddressParameter('stream');
  const [containerId, setContainerId] = useAddressParameter('engine');
  const engine = useEngineName(containerId);
  const [opened, setOpened] = useState<EventEntry>();
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const live = useLive((state) => state.events);
  const canChange = useCanChange();
  const filter = useMemo(
    () => ({
      ...(type === '' ? {} : { event_type: type }),
      ...(containerId === '' ? {} : { container_id: containerId }),
      ...(streamId === '' ? {} : { stream_id: streamId }),
    }),
    [type, containerId, streamId],
  );
  const queryKey = ['events', filter];
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      body(api.GET('/api/v1/events', { params: { query: { ...filter, limit: pageSize, offset: pageParam } }, signal })),
    initialPageParam: 0,
    // Entries that came meanwhile move the others on; those told twice are shown once.
    getNextPageParam: (last, pages) => (last.length < pageSize ? undefined : pages.length * pageSize),
  });
  const events = useMemo(
    () =>
      mergeEvents(
        live.filter((event) => matchesEvent(event, filter)),
        data?.pages.flat() ?? [],
      ),
    [live, data, filter],
  );
  const shown = useMemo(
    () => (wanted === '' ? events : events.filter((event) => matchesText(event, wanted))),
    [events, wanted],
  );
  const columns = useMemo(() => eventColumns(setOpened), []);
  return (
    <>
      <PageHeader
        title="Events"
        hint="What happened to engines, streams and the server. New entries come by themselves."
        actions={canChange && <CleanUpButton />}
      />
      <div className="mb-4 flex flex-wrap gap-2">
        <Input
          type="search"
          className="w-full max-w-sm min-w-40 flex-1"
          placeholder="Filter what is loaded"
          aria-label="Filter by text"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Select className="shrink-0" aria-label="Kind" value={type} onValue={setKind} options={types} />
        {streamId !== '' && (
          <Button onClick={() => setStreamId('')}>
            <X /> Only stream {shortId(streamId)}
          </Button>
        )}
        {containerId !== '' && (
          <Button onClick={() => setContainerId('')}>
            <X /> Only engine {engine}
          </Button>
        )}
      </div>
      <FoundCount found={shown.length} total={events.length} things="loaded entries" isFiltered={wanted !== ''} />
      <div className="card">
        {error ? (
          <Problem error={error} retry={() => void refetch()} />
        ) : data === undefined ? (
          <Loading lines={8} />
        ) : shown.length === 0 ? (
          <Empty
            icon={events.length === 0 ? ScrollText : SearchX}
            title={events.length === 0 ? 'Nothing of that kind happened yet' : 'No loaded entry has that'}
          >
            {events.length === 0
              ? 'Start a channel, and it shows up here.'
              : 'Older ones may: scroll through the list without the filter to load them.'}
          </Empty>
        ) : (
          <DataTable
            label="Events"
            columns={columns}
            rows={shown}
            rowKey={({ id }) => id}
            onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()}
          />
        )}
      </div>
      {isFetchingNextPage && <p className="py-3 text-center text-sm text-muted">Loading older entries…</p>}
      {opened && <EventDialog event={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function matchesText({ message, category, container_id, stream_id }: EventEntry, wanted: string): boolean {
  return [message, category, container_id, stream_id].some((text) => text?.toLowerCase().includes(wanted));
}
