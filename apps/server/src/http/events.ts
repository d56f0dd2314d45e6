import { z } from 'zod';
import type { Services } from '../services.ts';
import { eventTypes } from '../storage/rows.ts';
import { eventState, eventStateSchema } from './event-state.ts';
import { choice, moment, wholeNumber } from './parameter-types.ts';
import type { Routes } from './server.ts';

const dayMs = 86_400_000;

/** `/events`: what happened. */
export function eventRoutes({ events, config }: Pick<Services, 'events' | 'config'>): Routes {
  return (app, _options, done) => {
    app.get(
      '/events',
      {
        schema: {
          operationId: 'listEvents',
          summary: 'What happened, newest first',
          tags: ['events'],
          querystring: z.object({
            limit: wholeNumber(1, 1_000).prefault(100).describe('Events at most'),
            offset: wholeNumber(0, 10_000_000).prefault(0).describe('Newer events to leave out'),
            event_type: choice(eventTypes).optional().describe('Only of this kind'),
            category: z.string().max(100).optional().describe('Only what happened in this way'),
            container_id: z.string().max(500).optional().describe('Only of this engine'),
            stream_id: z.string().max(5_000).optional().describe('Only of this stream'),
            since: moment().optional().describe('Only what is newer'),
          }),
          response: { 200: z.array(eventStateSchema) },
        },
        config: { area: 'read' },
      },
      async (request) => {
        const { limit, offset, event_type, category, container_id, stream_id, since } = request.query;
        const filter = {
          type: event_type,
          category,
          containerId: container_id,
          streamId: stream_id,
          since: since === undefined ? undefined : Date.parse(since),
        };
        return (await events.query(filter, limit, offset)).map(eventState);
      },
    );

    app.get(
      '/events/stats',
      {
        schema: {
          operationId: 'countEvents',
          summary: 'How many events there are, by type',
          tags: ['events'],
          response: {
            200: z.object({
              total: z.number().int(),
              by_type: z.record(z.string(), z.number().int()),
              oldest: z.iso.datetime().nullable(),
              newest: z.iso.datetime().nullable(),
              pending: z.number().int().describe('Not written yet'),
              lost: z.number().int().describe('Since the start, because they could not be written'),
            }),
          },
        },
        config: { area: 'read' },
      },
      async () => {
        const { total, byType, oldestAt, newestAt } = await events.counts();
        const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
        return { total, by_type: { ...byType }, oldest: iso(oldestAt), newest: iso(newestAt), ...events.backlog() };
      },
    );

    app.post(
      '/events/cleanup',
      {
        schema: {
          operationId: 'deleteEvents',
          summary: 'Delete old events',
          tags: ['events'],
          querystring: z.object({
            max_age_days: wholeNumber(0, 36_500).optional().describe('Default EVENTS_MAX_AGE_DAYS'),
          }),
          response: { 200: z.object({ deleted: z.number().int(), message: z.string() }) },
        },
        config: { area: 'admin', errors: { 503: ['storage_unavailable'] } },
      },
      async (request) => {
        const days = request.query.max_age_days ?? config.eventsMaxAgeDays;
        const deleted = await events.deleteBefore(Date.now() - days * dayMs);
        return { deleted, message: `Deleted ${deleted} events older than ${days} days` };
      },
    );
    done();
  };
}
