import { useQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import type { EventEntry } from '../../api/types.ts';
import { useLive } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { EventDialog } from './event-dialog.tsx';
import { EventLine } from './event-line.tsx';
import { eventsHref } from './events-href.ts';
import { type EventFilter, matchesEvent, mergeEvents } from './merge-events.ts';

const shown = 10;

export interface RecentEventsProps {
  /** What they are about; everything without. */
  readonly about?: EventFilter;
}

/** What happened last. */
export function RecentEvents({ about = {} }: RecentEventsProps) {
  const [opened, setOpened] = useState<EventEntry>();
  const live = useLive((state) => state.events);
  const { data, error, refetch } = useQuery({
    queryKey: ['events', 'newest', about],
    queryFn: ({ signal }) => body(api.GET('/api/v1/events', { params: { query: { ...about, limit: shown } }, signal })),
  });
  const fresh = live.filter((event) => matchesEvent(event, about));
  const events = mergeEvents(fresh, data ?? []).slice(0, shown);
  return (
    <Card
      title="Latest events"
      flush
      actions={
        <a href={eventsHref(about)} className="text-sm font-medium text-accent hover:underline">
          All events
        </a>
      }
    >
      {events.length > 0 ? (
        <ul className="divide-y divide-line border-t border-line">
          {events.map((event) => (
            <EventLine key={event.id} event={event} onOpen={setOpened} />
          ))}
        </ul>
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : (
        <Empty icon={ScrollText} title="Nothing has happened yet" compact>
          What happens shows up here at once.
        </Empty>
      )}
      {opened && <EventDialog event={opened} onClose={() => setOpened(undefined)} />}
    </Card>
  );
}
