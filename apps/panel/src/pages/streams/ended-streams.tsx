import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { useLive } from '../../live/use-live.ts';
import { Loading, Problem } from '../../ui/state-views.tsx';
import { useLiveRefresh } from '../../ui/use-live-refresh.ts';
import { StreamTable } from './stream-table.tsx';

const queryKey = ['streams', 'ended'];
const refreshMs = 2_000;

/** What played before, and why it ended; each new end as it comes. */
export function EndedStreams({ filter }: { readonly filter: string }) {
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => body(api.GET('/api/v1/streams', { params: { query: { status: 'ended' } }, signal })),
  });
  // Each end is an entry of the event log.
  const newest = useLive(({ events }) => events[0]?.id);
  useLiveRefresh(queryKey, newest, refreshMs);
  if (data !== undefined) return <StreamTable streams={data} filter={filter} ended />;
  return (
    <div className="card">{error ? <Problem error={error} retry={() => void refetch()} /> : <Loading lines={8} />}</div>
  );
}
