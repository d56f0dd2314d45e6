import type { EventFilter } from './merge-events.ts';

/** The link to the event log, showing what fits `filter`. */
export function eventsHref({ event_type, stream_id, container_id }: EventFilter): string {
  const query = new URLSearchParams({
    ...(event_type === undefined ? {} : { kind: event_type }),
    ...(stream_id === undefined ? {} : { stream: stream_id }),
    ...(container_id === undefined ? {} : { engine: container_id }),
  }).toString();
  return query === '' ? '#/events' : `#/events?${query}`;
}
