import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import { wholeNumber } from './parameter-types.ts';
import type { Routes } from './server.ts';

const configSchema = z.object({
  enabled: z.boolean(),
  threshold_seconds: z.number(),
  threshold_minutes: z.number(),
  threshold_hours: z.number(),
  check_interval_seconds: z.number(),
  retention_minutes: z.number().describe('0: for ever'),
});

const changeSchema = z.object({
  enabled: z
    .union([z.boolean(), z.string().max(10)], { error: 'is on or off' })
    .optional()
    .describe('Whether to look at all'),
  threshold_seconds: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('How old the newest piece of a live stream may be'),
  check_interval_seconds: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Time between two looks at a stream'),
  retention_minutes: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('How long a looping content is refused; 0 for ever'),
});

const names = {
  enabled: 'STREAM_LOOP_DETECTION_ENABLED',
  threshold_seconds: 'STREAM_LOOP_DETECTION_THRESHOLD_S',
  check_interval_seconds: 'STREAM_LOOP_CHECK_INTERVAL_S',
  retention_minutes: 'STREAM_LOOP_RETENTION_MINUTES',
} as const;

/** `/stream-loop-detection/config` and `/looping-streams`. */
export function loopingStreamRoutes({
  looping,
  settings,
  config,
}: Pick<Services, 'looping' | 'settings' | 'config'>): Routes {
  const shown = (): z.infer<typeof configSchema> => ({
    enabled: config.loopDetection,
    threshold_seconds: config.loopThresholdSeconds,
    threshold_minutes: config.loopThresholdSeconds / 60,
    threshold_hours: config.loopThresholdSeconds / 3_600,
    check_interval_seconds: config.loopCheckSeconds,
    retention_minutes: config.loopRetentionMinutes,
  });

  return (app, _options, done) => {
    app.get(
      '/stream-loop-detection/config',
      {
        schema: {
          operationId: 'getLoopDetection',
          summary: 'How streams that repeat an old broadcast are found',
          tags: ['streams'],
          response: { 200: configSchema },
        },
        config: { area: 'read' },
      },
      async () => shown(),
    );

    app.post(
      '/stream-loop-detection/config',
      {
        schema: {
          operationId: 'changeLoopDetection',
          summary:
            'Change how streams that repeat an old broadcast are found; in the query as in the 1.5 release, or in the body',
          tags: ['streams'],
          querystring: changeSchema,
          body: changeSchema.nullish(),
          response: { 200: configSchema.extend({ message: z.string() }) },
        },
        config: {
          area: 'admin',
          errors: { 400: ['bad_settings'], 409: ['setting_locked'], 503: ['storage_unavailable'] },
        },
      },
      async (request) => {
        const wanted = Object.entries({ ...request.query, ...request.body });
        await settings.change(
          Object.fromEntries(wanted.map(([name, value]) => [names[name as keyof typeof names], value])),
        );
        return { message: 'Stream loop detection configuration updated', ...shown() };
      },
    );

    app.get(
      '/looping-streams',
      {
        schema: {
          operationId: 'listLoopingStreams',
          summary: 'Contents that repeat an old broadcast and are refused',
          tags: ['streams'],
          response: {
            200: z.object({
              stream_ids: z.array(z.string()).describe('Under every name'),
              streams: z.record(z.string(), z.iso.datetime()).describe('When each was found'),
              retention_minutes: z.number(),
            }),
          },
        },
        config: { area: 'read' },
      },
      async () => {
        const found = looping
          .list()
          .flatMap(({ content, infohash, at }) =>
            [...new Set([content, infohash])].map((name) => [name, new Date(at).toISOString()] as const),
          );
        return {
          stream_ids: found.map(([name]) => name),
          streams: Object.fromEntries(found),
          retention_minutes: config.loopRetentionMinutes,
        };
      },
    );

    app.delete(
      '/looping-streams/:id',
      {
        schema: {
          operationId: 'forgiveLoopingStream',
          summary: 'Let a content be played again',
          tags: ['streams'],
          params: z.object({ id: z.string().describe('What was asked for, or the infohash') }),
          response: { 200: z.object({ message: z.string() }) },
        },
        config: { area: 'admin', errors: { 404: ['not_looping'] } },
      },
      async (request) => {
        const { id } = request.params;
        if (looping.remove(id)) return { message: `Stream ${id} removed from looping list` };
        throw new ApiError(404, 'not_looping', `${id} is not among the looping streams.`);
      },
    );

    app.post(
      '/looping-streams/clear',
      {
        schema: {
          operationId: 'forgiveLoopingStreams',
          summary: 'Let all of them be played again',
          tags: ['streams'],
          response: { 200: z.object({ message: z.string() }) },
        },
        config: { area: 'admin' },
      },
      async () => {
        looping.clear();
        return { message: 'All looping streams cleared' };
      },
    );
    done();
  };
}
