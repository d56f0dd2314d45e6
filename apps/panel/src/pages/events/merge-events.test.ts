import { expect, it } from 'vitest';
import type { EventEntry } from '../../api/types.ts';
import { matchesEvent, mergeEvents } from './merge-events.ts';

const event = (id: number, patch: Partial<EventEntry> = {}): EventEntry =>
  ({ id, event_type: 'stream', container_id: 'e', stream_id: 's', ...patch }) as EventEntry;

it('shows each entry once, newest first, wherever it came from', () => {
  const merged = mergeEvents([event(5), event(4)], [event(4), event(3), event(3), event(1)]);
  expect(merged.map(({ id }) => id)).toEqual([5, 4, 3, 1]);
});

it('filters what comes live as the server filters what is asked for', () => {
  expect(matchesEvent(event(1), {})).toBe(true);
  expect(matchesEvent(event(1), { event_type: 'stream', container_id: 'e', stream_id: 's' })).toBe(true);
  expect(matchesEvent(event(1), { event_type: 'engine' })).toBe(false);
  expect(matchesEvent(event(1), { container_id: 'other' })).toBe(false);
  expect(matchesEvent(event(1, { stream_id: null }), { stream_id: 's' })).toBe(false);
});
