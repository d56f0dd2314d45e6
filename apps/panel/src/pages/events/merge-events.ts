import type { EventEntry } from '../../api/types.ts';

export interface EventFilter {
  readonly event_type?: EventEntry['event_type'];
  readonly container_id?: string;
  readonly stream_id?: string;
}

/** Whether the server would give `event` for `filter`. */
export function matchesEvent(event: EventEntry, { event_type, container_id, stream_id }: EventFilter): boolean {
  return (
    (event_type === undefined || event.event_type === event_type) &&
    (container_id === undefined || event.container_id === container_id) &&
    (stream_id === undefined || event.stream_id === stream_id)
  );
}

/** What came live and what was asked for, newest first, each once. */
export function mergeEvents(live: readonly EventEntry[], asked: readonly EventEntry[]): readonly EventEntry[] {
  const byId = new Map<number, EventEntry>();
  for (const event of [...live, ...asked]) if (!byId.has(event.id)) byId.set(event.id, event);
  return [...byId.values()].sort((one, other) => other.id - one.id);
}
