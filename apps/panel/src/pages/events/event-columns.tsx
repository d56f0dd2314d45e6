import { hrefTo } from '../../address/page-href.ts';
import type { EventEntry } from '../../api/types.ts';
import { shortId, shortIdsIn } from '../../format/content.ts';
import { unknown } from '../../format/number.ts';
import { useEngineName } from '../../live/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import type { Column } from '../../ui/column.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { eventIcon } from './event-line.tsx';

/** @param onOpen shows everything about an entry */
export function eventColumns(onOpen: (event: EventEntry) => void): readonly Column<EventEntry>[] {
  return [
    {
      id: 'message',
      header: 'What happened',
      width: 'minmax(0,4fr)',
      phone: 'title',
      cell: (event) => {
        const Icon = eventIcon(event.event_type);
        return (
          <button
            type="button"
            onClick={() => onOpen(event)}
            className="flex max-w-full items-center gap-2.5 text-left hover:underline"
          >
            <Icon className="size-4 shrink-0 text-muted" aria-label={event.event_type} />
            <span className="min-w-0 truncate max-sm:whitespace-normal">{shortIdsIn(event.message)}</span>
          </button>
        );
      },
    },
    {
      id: 'category',
      header: 'Category',
      width: '8.5rem',
      phone: 'detail',
      cell: ({ category }) => <Badge>{category}</Badge>,
    },
    { id: 'about', header: 'About', width: 'minmax(0,1.2fr)', cell: (event) => <About event={event} /> },
    {
      id: 'time',
      header: 'When',
      width: '6.5rem',
      align: 'right',
      phone: 'detail',
      cell: ({ timestamp }) => <RelativeTime at={timestamp} />,
    },
  ];
}

function About({ event: { stream_id, container_id } }: { readonly event: EventEntry }) {
  const engine = useEngineName(container_id ?? '');
  if (stream_id !== null) {
    return (
      <a className="block truncate font-mono text-xs hover:underline" href={hrefTo('streams', stream_id)}>
        {shortId(stream_id)}
      </a>
    );
  }
  if (container_id !== null) {
    return (
      <a className="block truncate hover:underline" href={hrefTo('engines', container_id)}>
        {engine}
      </a>
    );
  }
  return <span className="text-muted">{unknown}</span>;
}
