import type { Setting } from './setting.ts';
import { integer } from './setting-types.ts';

/** Settings of the event log. */
export interface EventConfig {
  readonly eventsMaxRows: number;
  readonly eventsMaxAgeDays: number;
}

export const eventSettings: { readonly [Field in keyof EventConfig]: Setting<EventConfig[Field]> } = {
  eventsMaxRows: {
    name: 'EVENTS_MAX_ROWS',
    type: integer(100, 1_000_000),
    default: 10_000,
    text: 'Events that are kept; the oldest go first.',
    group: 'events',
  },
  eventsMaxAgeDays: {
    name: 'EVENTS_MAX_AGE_DAYS',
    type: integer(1, 3_650, 'days'),
    default: 30,
    text: 'How long events are kept.',
    group: 'events',
  },
};
