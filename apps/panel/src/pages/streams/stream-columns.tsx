import { useStreamActions } from '../../actions/stream-actions.tsx';
import { hrefTo } from '../../address/page-href.ts';
import type { EngineState, StreamState } from '../../api/types.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatBitrate, formatBytes, formatKilobyteRate } from '../../format/amount.ts';
import { shortId } from '../../format/content.ts';
import { formatCount } from '../../format/number.ts';
import { useStreamSamples } from '../../live/use-live.ts';
import { engineName } from '../../model/engine-name.ts';
import { mediaRate } from '../../model/media-rate.ts';
import { endText, streamLook } from '../../model/stream-look.ts';
import { Badge } from '../../ui/badge.tsx';
import type { Column } from '../../ui/column.ts';
import { Menu } from '../../ui/menu.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

type StreamColumn = Column<StreamState>;

/** The columns of the stream table; those that run and those that ended have different ones. */
export function streamColumns(
  engines: ReadonlyMap<string, EngineState>,
  { ended, canChange }: { readonly ended: boolean; readonly canChange: boolean },
): readonly StreamColumn[] {
  const engine: StreamColumn = {
    id: 'engine',
    header: 'Engine',
    width: 'minmax(5rem,1.1fr)',
    phone: 'detail',
    sort: ({ container_id }) => engineName(engines, container_id),
    cell: ({ container_id }) => (
      <a className="block truncate hover:underline" href={hrefTo('engines', container_id)}>
        {engineName(engines, container_id)}
      </a>
    ),
  };
  return ended
    ? [channel, engine, ...endedColumns]
    : [channel, engine, ...runningColumns, ...(canChange ? [actions] : [])];
}

const channel: StreamColumn = {
  id: 'channel',
  header: 'Channel',
  width: 'minmax(12.5rem,2fr)',
  phone: 'title',
  sort: ({ key }) => key,
  cell: (stream) => {
    const look = streamLook(stream);
    return (
      <span className="flex items-center gap-2">
        <a className="truncate font-mono text-sm font-medium hover:underline" href={hrefTo('streams', stream.id)}>
          {shortId(stream.key, 7)}
        </a>
        <Badge tone={look.tone} dot pulse={look.moving} title={look.text}>
          {look.label}
        </Badge>
      </span>
    );
  },
};

const runningColumns: readonly StreamColumn[] = [
  {
    id: 'viewers',
    header: 'Viewers',
    width: '4.5rem',
    align: 'right',
    phone: 'detail',
    sort: ({ clients }) => clients,
    cell: ({ clients }) => (
      <>
        {formatCount(clients)}
        <span className="sm:hidden"> {clients === 1 ? 'viewer' : 'viewers'}</span>
      </>
    ),
  },
  {
    id: 'bitrate',
    header: 'Bitrate',
    width: '5.5rem',
    align: 'right',
    phone: 'detail',
    sort: (stream) => mediaRate(stream) ?? 0,
    cell: (stream) => formatBitrate(mediaRate(stream)),
  },
  {
    ...{ id: 'trend', header: '(bitrate over time)', width: '5rem', room: 'much' },
    cell: ({ id }) => <BitrateLine id={id} />,
  },
  { ...figure('peers', 'Peers', '3.5rem', ofItsEngine('peers'), formatCount), room: 'some' },
  { ...figure('down', 'P2P down', '6.5rem', ofItsEngine('speed_down'), formatKilobyteRate), room: 'much' },
  { ...figure('recoveries', 'Recoveries', '5.5rem', ({ recoveries }) => recoveries, formatCount), room: 'some' },
  {
    ...time('since', 'Started', '5.5rem', ({ started_at }) => started_at),
    cell: ({ started_at }) => (
      <>
        <span className="sm:hidden">
          for <RelativeTime at={started_at} elapsed />
        </span>
        <span className="max-sm:hidden">
          <RelativeTime at={started_at} />
        </span>
      </>
    ),
  },
];

const actions: StreamColumn = {
  ...{ id: 'actions', header: '(actions)', width: '2rem', phone: 'corner' },
  cell: (stream) => <Actions stream={stream} />,
};

const endedColumns: readonly StreamColumn[] = [
  {
    id: 'reason',
    header: 'Why it ended',
    width: 'minmax(0,2fr)',
    phone: 'detail',
    cell: ({ end_reason }) => endText(end_reason),
  },
  { ...figure('downloaded', 'Downloaded', '6.5rem', ({ downloaded }) => downloaded, formatBytes), room: 'some' },
  { ...figure('recoveries', 'Recoveries', '5.5rem', ({ recoveries }) => recoveries, formatCount), room: 'some' },
  time('ended', 'Ended', '6.5rem', ({ ended_at }) => ended_at),
];

/** What an engine says of its swarm; of an engine that is lost it is over. */
function ofItsEngine(name: 'peers' | 'speed_down') {
  return (stream: StreamState): number | null => (stream.state === 'recovering' ? null : stream[name]);
}

/** A figure that a phone leaves out. */
function figure(
  id: string,
  header: string,
  width: string,
  figureOf: (stream: StreamState) => number | null,
  format: (value: number | null) => string,
): StreamColumn {
  return {
    ...{ id, header, width, align: 'right' },
    sort: (stream) => figureOf(stream) ?? 0,
    cell: (stream) => format(figureOf(stream)),
  };
}

function time(id: string, header: string, width: string, timeOf: (stream: StreamState) => string | null): StreamColumn {
  return {
    ...{ id, header, width, align: 'right', phone: 'detail' },
    sort: (stream) => Date.parse(timeOf(stream) ?? ''),
    cell: (stream) => (
      <>
        <span className="sm:hidden">{header.toLowerCase()} </span>
        <RelativeTime at={timeOf(stream)} />
      </>
    ),
  };
}

function BitrateLine({ id }: { readonly id: string }) {
  const samples = useStreamSamples(id);
  return (
    <Sparkline width={80} height={22} points={samples.map(({ at, stream }) => ({ at, value: mediaRate(stream) }))} />
  );
}

function Actions({ stream }: { readonly stream: StreamState }) {
  const { items, dialog } = useStreamActions(stream);
  return (
    <>
      <Menu label={`Actions for ${shortId(stream.key)}`} items={items} />
      {dialog}
    </>
  );
}
