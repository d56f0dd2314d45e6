import { useQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { api, body } from '../../api/client.ts';
import { useLive } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { EventLine } from '../events/event-line.tsx';
import { mergeEvents } from '../events/merge-events.ts';

const shown = 10;

/** What happened last. */
export function RecentEvents() {
  const live = useLive((state) => state.events);
  const { data, error } = useQuery({
    queryKey: ['events', 'newest'],
    queryFn: ({ signal }) => body(api.GET('/api/v1/events', { params: { query: { limit: shown } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const events = mergeEvents(live, data ?? []).slice(0, shown);
  return (
    <Card
      title="Latest events"
      flush
      actions={
        <a href="#/events" className="text-sm font-medium text-accent hover:underline">
          All events
        </a>
      }
    >
      {events.length > 0 ? (
        <ul className="divide-y divide-line border-t border-line">
          {events.map((event) => (
            <EventLine key={event.id} event={event} />
          ))}
        </ul>
      ) : error ? (
        <Problem error={error} />
      ) : data === undefined ? (
        <Loading />
      ) : (
        <Empty icon={ScrollText} title="Nothing has happened yet" compact>
          What happens to engines and streams shows up here at once.
        </Empty>
      )}
    </Card>
  );
}
