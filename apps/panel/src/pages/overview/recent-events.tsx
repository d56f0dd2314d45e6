import { ScrollText } from 'lucide-react';
import { useLive } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Empty } from '../../ui/state-views.tsx';
import { EventLine } from '../events/event-line.tsx';

const shown = 6;

/** What happened last. */
export function RecentEvents() {
  const events = useLive((state) => state.events);
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
      {events.length === 0 ? (
        <Empty icon={ScrollText} title="Nothing since you opened the page" compact>
          What happens to engines and streams shows up here at once.
        </Empty>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {events.slice(0, shown).map((event) => (
            <EventLine key={event.id} event={event} />
          ))}
        </ul>
      )}
    </Card>
  );
}
