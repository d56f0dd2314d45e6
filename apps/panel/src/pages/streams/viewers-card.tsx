import { useQuery } from '@tanstack/react-query';
import { Eye } from 'lucide-react';
import { api, body } from '../../api/client.ts';
import type { StreamClient, StreamState } from '../../api/types.ts';
import { formatBytes } from '../../format/amount.ts';
import { formatCount } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import type { Column } from '../../ui/column.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { useLiveRefresh } from '../../ui/use-live-refresh.ts';

const refreshMs = 2_000;

const columns: readonly Column<StreamClient>[] = [
  {
    id: 'who',
    header: 'Viewer',
    width: 'minmax(0,2fr)',
    phone: 'title',
    cell: ({ ip_address, user_agent, protocol, low_latency }) => (
      <>
        <span className="flex items-center gap-2">
          <span className="num truncate font-medium">{ip_address ?? 'hidden without the key'}</span>
          <Badge>{protocol === 'ts' ? 'TS' : low_latency ? 'LL-HLS' : 'HLS'}</Badge>
        </span>
        <span className="block truncate text-xs text-muted" title={user_agent ?? undefined}>
          {user_agent ?? 'no user agent'}
        </span>
      </>
    ),
  },
  {
    id: 'since',
    header: 'Connected',
    width: '6.5rem',
    align: 'right',
    phone: 'detail',
    sort: ({ connected_at }) => Date.parse(connected_at),
    cell: ({ connected_at }) => <RelativeTime at={connected_at} />,
  },
  {
    id: 'lag',
    header: 'Lag',
    width: '4.5rem',
    align: 'right',
    phone: 'detail',
    sort: ({ lag_ms }) => lag_ms ?? -1,
    cell: ({ lag_ms }) => (
      <>
        <span className="text-muted sm:hidden">lag </span>
        {formatDuration(lag_ms)}
      </>
    ),
  },
  {
    id: 'skips',
    header: 'Skips',
    width: '4rem',
    align: 'right',
    phone: 'detail',
    sort: ({ skips }) => skips ?? -1,
    cell: ({ skips }) => (
      <span className={skips !== null && skips > 0 ? 'font-medium text-warn' : ''}>
        {formatCount(skips)}
        <span className="sm:hidden"> {skips === 1 ? 'skip' : 'skips'}</span>
      </span>
    ),
  },
  {
    id: 'sent',
    header: 'Sent',
    width: '6rem',
    align: 'right',
    phone: 'detail',
    sort: ({ bytes_sent }) => bytes_sent,
    cell: ({ bytes_sent }) => formatBytes(bytes_sent),
  },
];

/** Who reads a stream: from where, since when, how far behind. */
export function ViewersCard({ stream }: { readonly stream: StreamState }) {
  const queryKey = ['clients', stream.id];
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/proxy/streams/{key}/clients', { params: { path: { key: stream.id } }, signal })),
  });
  useLiveRefresh(queryKey, stream, refreshMs);
  const clients = data?.clients ?? [];
  return (
    <Card
      title="Viewers"
      hint="Lag is the media that is here and that a viewer has not taken yet; skips are its jumps forward."
      flush
    >
      {error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading lines={3} />
      ) : clients.length === 0 ? (
        <Empty icon={Eye} title="Nobody watches" compact>
          The stream goes on for a while, so that somebody who zaps back has a picture at once.
        </Empty>
      ) : (
        <DataTable
          label="Viewers"
          columns={columns}
          rows={clients}
          rowKey={({ client_id }) => client_id}
          sortBy="since"
        />
      )}
    </Card>
  );
}
