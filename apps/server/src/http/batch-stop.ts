import { z } from 'zod';
import type { Services } from '../services.ts';
import type { Routes } from './server.ts';

const resultSchema = z.object({
  command_url: z.string(),
  success: z.boolean(),
  message: z.string(),
  stream_id: z.string().nullable(),
});

/** `/streams/batch-stop`: takes the command URLs of streams, or their ids, and ends them together. */
export function batchStopRoutes({ streams, sessions }: Pick<Services, 'streams' | 'sessions'>): Routes {
  const stop = async (name: string): Promise<z.infer<typeof resultSchema>> => {
    const record = streams.active().find(({ session }) => session.commandUrl === name) ?? streams.find(name);
    if (record === undefined)
      return { command_url: name, success: false, message: 'Stream not found', stream_id: null };
    const success = record.endedAt === undefined && (await sessions.stop(record.streamKey));
    return {
      command_url: name,
      success,
      message: success ? 'Stream stopped' : 'Stream had ended already',
      stream_id: record.id,
    };
  };

  return (app, _options, done) => {
    app.post(
      '/streams/batch-stop',
      {
        schema: {
          operationId: 'stopStreams',
          summary: 'End several streams',
          tags: ['streams'],
          body: z.array(z.string().max(2_000)).max(1_000).describe('Command URLs of streams, or their ids'),
          response: { 200: z.array(resultSchema) },
        },
        config: { area: 'admin' },
      },
      (request) => Promise.all(request.body.map(stop)),
    );
    done();
  };
}
