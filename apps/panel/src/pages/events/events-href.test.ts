import { expect, it } from 'vitest';
import { parseHash } from '../../address/hash-address.ts';
import { eventsHref } from './events-href.ts';

it('names a filter as the page of events reads it', () => {
  expect(eventsHref({})).toBe('#/events');
  const { path, parameters } = parseHash(eventsHref({ event_type: 'health', stream_id: 'a|b', container_id: 'c:1' }));
  expect(path).toBe('/events');
  expect(Object.fromEntries(parameters)).toEqual({ kind: 'health', stream: 'a|b', engine: 'c:1' });
});
