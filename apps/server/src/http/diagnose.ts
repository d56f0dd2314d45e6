import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { adviceFor } from '../diagnosis/advice.ts';
import { type Attempt, stages } from '../diagnosis/attempt.ts';
import type { Services } from '../services.ts';
import type { Routes } from './server.ts';

const maxTries = 20;

const stepSchema = z.object({
  stage: z.enum(stages),
  at_ms: z.number().int().describe('Since the try began'),
  ok: z.boolean(),
  container_id: z.string().nullable().describe('The engine'),
  code: z.string().nullable(),
  message: z.string().nullable(),
  peers: z.number().int().nullable(),
});

const trySchema = z
  .object({
    key_type: z.enum(['content_id', 'infohash', 'url', 'magnet']),
    key: z.string(),
    infohash: z.string().nullable(),
    kind: z.enum(['start', 'recovery']).describe('recovery: players had media before, and lost their source'),
    started_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    outcome: z.enum(['trying', 'played', 'failed', 'left']).describe('left: nobody waited any more'),
    code: z.string().nullable(),
    message: z.string().nullable(),
    advice: z.string().nullable().describe('What to do, for people'),
    peers: z.number().int().nullable().describe('That an engine spoke of last'),
    request_ids: z.array(z.string()).describe('Requests that failed with it'),
    timeline: z.array(stepSchema),
  })
  .meta({ id: 'PlaybackTry' });

const answerSchema = z.object({
  playing: z.boolean(),
  advice: z.string().nullable().describe('For the newest try'),
  tries: z.array(trySchema).describe('Newest first, at most 20'),
});

/** `/diagnose`: why a content did not play. */
export function diagnoseRoutes({
  diagnosis,
  playback,
  streams,
}: Pick<Services, 'diagnosis' | 'playback' | 'streams'>): Routes {
  return (app, _options, done) => {
    app.get(
      '/diagnose',
      {
        schema: {
          operationId: 'diagnose',
          summary: 'Why a content did not play: the last tries, which engines were asked, where it failed, what to do',
          description:
            'Exactly one of id, infohash, url, magnet and request_id, which every error of playback carries.',
          tags: ['playback'],
          querystring: z.object({
            id: z.string().max(5_000).optional().describe('A content id'),
            content_id: z.string().max(5_000).optional().describe('The same as id'),
            infohash: z.string().max(100).optional().describe('An infohash'),
            url: z.string().max(5_000).optional().describe('Address of a transport file'),
            magnet: z.string().max(5_000).optional().describe('Magnet link'),
            request_id: z.string().max(100).optional().describe('Of a request that failed'),
          }),
          response: { 200: answerSchema },
        },
        config: { area: 'read', errors: { 400: ['bad_content'], 404: ['nothing_tried'] } },
      },
      async (request) => {
        const { request_id, ...content } = request.query;
        const matches = request_id === undefined ? ofContent(playback.parse(content)) : ofRequest(request_id);
        const tries = diagnosis.find(matches).slice(0, maxTries);
        const [newest] = tries;
        if (newest === undefined) {
          throw new ApiError(404, 'nothing_tried', 'Nobody asked for this lately, or it was too long ago.');
        }
        const stream = streams.find(newest.infohash ?? newest.content.value);
        return {
          playing: stream !== undefined && stream.endedAt === undefined,
          advice: adviceFor(newest) ?? null,
          tries: tries.map(tryState),
        };
      },
    );
    done();
  };
}

/** The same content under another name counts: an id whose infohash an engine told is found by either. */
function ofContent({ kind, value }: { readonly kind: string; readonly value: string }): (attempt: Attempt) => boolean {
  return ({ content, infohash }) =>
    (content.kind === kind && content.value === value) || (infohash !== undefined && infohash === value);
}

function ofRequest(requestId: string): (attempt: Attempt) => boolean {
  return ({ requestIds }) => requestIds.includes(requestId);
}

function tryState(attempt: Attempt): z.infer<typeof trySchema> {
  const { content, infohash, isRecovery, startedAt, endedAt, outcome, code, message, peers, requestIds, steps } =
    attempt;
  return {
    key_type: content.kind,
    key: content.value,
    infohash: infohash ?? null,
    kind: isRecovery ? 'recovery' : 'start',
    started_at: new Date(startedAt).toISOString(),
    ended_at: endedAt === undefined ? null : new Date(endedAt).toISOString(),
    outcome,
    code: code ?? null,
    message: message ?? null,
    advice: adviceFor(attempt) ?? null,
    peers: peers ?? null,
    request_ids: [...requestIds],
    timeline: steps.map((step) => ({
      stage: step.stage,
      at_ms: step.atMs,
      ok: step.ok,
      container_id: step.engine ?? null,
      code: step.code ?? null,
      message: step.message ?? null,
      peers: step.peers ?? null,
    })),
  };
}
