import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import type { StreamRecord } from '../streams/stream-book.ts';
import { accessOf } from './guard.ts';
import { findEngine } from './managed-engines.ts';
import { choice, moment } from './parameter-types.ts';
import type { Routes } from './server.ts';
import {
  type StreamState,
  streamSnapshot,
  streamSnapshotSchema,
  streamState,
  streamStateSchema,
} from './stream-state.ts';

type StreamServices = Pick<Services, 'engines' | 'streams' | 'sessions' | 'hls' | 'p2p'>;

const idSchema = z.object({ id: z.string().describe('The id of a stream; its key, content or infohash will do') });

const notFound = { 404: ['stream_not_found'] } as const;

/** `/streams`: what is being played, and what was. */
export function streamRoutes(services: StreamServices): Routes {
  const { streams, sessions, p2p } = services;
  const find = (id: string): StreamRecord => {
    const record = streams.find(id);
    if (record === undefined) throw new ApiError(404, 'stream_not_found', `There is no stream ${id}.`);
    return record;
  };

  return (app, _options, done) => {
    app.get(
      '/streams',
      {
        schema: {
          operationId: 'listStreams',
          summary: 'List the streams that run, then those that ended lately',
          tags: ['streams'],
          querystring: z.object({
            status: choice(['started', 'ended']).optional().describe('Only those; default all'),
            container_id: z.string().optional().describe('Only those on this engine'),
          }),
          response: { 200: z.array(streamStateSchema) },
        },
        config: { area: 'read' },
      },
      async (request) => {
        const { status, container_id } = request.query;
        const wanted = streams
          .all()
          .filter(({ endedAt }) => status === undefined || (endedAt === undefined) === (status === 'started'))
          .filter(({ engine }) => container_id === undefined || engine.id === container_id);
        return streamStates(services, wanted, accessOf(request).privileged);
      },
    );

    app.get(
      '/streams/:id',
      {
        schema: {
          operationId: 'getStream',
          summary: 'Show a stream',
          tags: ['streams'],
          params: idSchema,
          response: { 200: streamStateSchema },
        },
        config: { area: 'read', errors: notFound },
      },
      async (request) => streamStates(services, [find(request.params.id)], accessOf(request).privileged)[0]!,
    );

    app.get(
      '/streams/:id/stats',
      {
        schema: {
          operationId: 'getStreamStats',
          summary: 'Peers and speeds of a stream over time, kept while somebody looks',
          tags: ['streams'],
          params: idSchema,
          querystring: z.object({
            since: moment().optional().describe('Only what is newer; default all that is kept'),
          }),
          response: { 200: z.array(streamSnapshotSchema) },
        },
        config: { area: 'read', errors: notFound },
      },
      async (request) => {
        p2p.watch();
        const { since } = request.query;
        const { id } = find(request.params.id);
        return p2p.history(id, since === undefined ? 0 : Date.parse(since)).map(streamSnapshot);
      },
    );

    app.delete(
      '/streams/:id',
      {
        schema: {
          operationId: 'stopStream',
          summary: 'End a stream: its players, and the engine’s session, once',
          tags: ['streams'],
          params: idSchema,
          response: { 200: z.object({ message: z.string(), stream_id: z.string(), stopped: z.boolean() }) },
        },
        config: { area: 'admin', errors: notFound },
      },
      async (request) => {
        const { id, streamKey, endedAt } = find(request.params.id);
        const stopped = endedAt === undefined && (await sessions.stop(streamKey));
        return { message: stopped ? 'Stream stopped' : 'Stream had ended already', stream_id: id, stopped };
      },
    );
    app.post(
      '/streams/:id/move',
      {
        schema: {
          operationId: 'moveStream',
          summary: 'Move a stream to another engine without its players noticing; answers when it plays from there',
          tags: ['streams'],
          params: idSchema,
          body: z
            .object({ container_id: z.string().optional().describe('Where to; default the best engine') })
            .nullish(),
          response: { 200: z.object({ message: z.string(), stream_id: z.string(), from: z.string(), to: z.string() }) },
        },
        config: {
          area: 'admin',
          errors: { 404: ['stream_not_found', 'engine_not_found'], 409: ['stream_not_playing'], 503: ['move_failed'] },
        },
      },
      async (request) => {
        const { id, streamKey, endedAt, engine } = find(request.params.id);
        const wanted = request.body?.container_id;
        const target = wanted === undefined ? undefined : findEngine(services, wanted).id;
        const from = engine.id;
        if (endedAt !== undefined || sessions.engineOf(streamKey) === undefined) {
          throw new ApiError(409, 'stream_not_playing', `The stream ${id} is not being played.`);
        }
        const to = await sessions.move(streamKey, target);
        if (to !== undefined) return { message: 'Stream moved', stream_id: id, from, to };
        throw new ApiError(503, 'move_failed', `No other engine plays ${id}; it stays on ${from}.`, {
          retryable: true,
          retryAfterSeconds: 10,
        });
      },
    );
    done();
  };
}

/** Streams as the API shows them. Looking at them keeps their P2P statistics fresh for a while. */
export function streamStates(
  { sessions, hls, p2p }: Omit<StreamServices, 'engines' | 'streams'>,
  records: readonly StreamRecord[],
  privileged: boolean,
): StreamState[] {
  p2p.watch();
  return records.map((record) => {
    const runs = record.endedAt === undefined;
    const running = {
      session: runs ? sessions.of(record.streamKey) : undefined,
      hls: runs ? hls.of(record.streamKey) : [],
    };
    return streamState(record, running, p2p.latest(record.id), privileged);
  });
}
