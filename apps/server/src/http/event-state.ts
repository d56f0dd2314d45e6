import { z } from 'zod';
import { type EventEntry, eventTypes } from '../storage/rows.ts';

/** An entry of the event log as the API shows it; field names as in the 1.5 release. */
export const eventStateSchema = z
  .object({
    id: z.number().int().describe('Grows with every event'),
    timestamp: z.iso.datetime(),
    event_type: z.enum(eventTypes),
    category: z.string().describe('What happened, in a word'),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
    container_id: z.string().nullable().describe('The engine'),
    stream_id: z.string().nullable(),
  })
  .meta({ id: 'Event' });

export type EventState = z.infer<typeof eventStateSchema>;

export function eventState({
  id,
  at,
  type,
  category,
  message,
  details,
  containerId,
  streamId,
}: EventEntry): EventState {
  return {
    id,
    timestamp: new Date(at).toISOString(),
    event_type: type,
    category,
    message,
    details: { ...details },
    container_id: containerId,
    stream_id: streamId,
  };
}
