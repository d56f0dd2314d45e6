import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { PlaybackToken, PlaybackTokens } from '../auth/playback-tokens.ts';
import type { Routes } from './server.ts';

/** Tokens that there may be at most. */
const maxTokens = 1_000;

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((name) => !/\p{Cc}/u.test(name), { error: 'has control characters in it' })
  .describe('Who it is for');

const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable().describe('Since the start of the server'),
  })
  .meta({ id: 'PlaybackToken' });

/** `/tokens`: who may play without the key. */
export function tokenRoutes({ tokens }: { readonly tokens: PlaybackTokens }): Routes {
  return (app, _options, done) => {
    app.get(
      '/tokens',
      {
        schema: {
          operationId: 'listTokens',
          summary: 'List the playback tokens; the tokens themselves are not kept',
          tags: ['keys'],
          response: { 200: z.array(tokenSchema) },
        },
        config: { area: 'admin' },
      },
      async () => tokens.list().map(shown),
    );

    app.post(
      '/tokens',
      {
        schema: {
          operationId: 'createToken',
          summary: 'Make a playback token; it is shown in this answer only',
          tags: ['keys'],
          body: z.object({ name: nameSchema }),
          response: { 201: tokenSchema.extend({ token: z.string().describe('For `?token=`') }) },
        },
        config: { area: 'admin', errors: { 409: ['token_exists', 'too_many_tokens'], 503: ['storage_unavailable'] } },
      },
      async (request, reply) => {
        const { name } = request.body;
        const there = tokens.list();
        if (there.some((token) => token.name === name))
          throw new ApiError(409, 'token_exists', `There is a token named "${name}" already.`);
        if (there.length >= maxTokens)
          throw new ApiError(409, 'too_many_tokens', `There are ${maxTokens} tokens already: revoke one first.`);
        const { token, text } = await tokens.create(name);
        reply.code(201);
        return { ...shown(token), token: text };
      },
    );

    app.delete(
      '/tokens/:id',
      {
        schema: {
          operationId: 'revokeToken',
          summary: 'Revoke a playback token: what is played with it ends, and nothing new begins',
          tags: ['keys'],
          params: z.object({ id: z.string().describe('The id of a token, from the list') }),
          response: { 200: z.object({ id: z.string(), revoked: z.literal(true) }) },
        },
        config: { area: 'admin', errors: { 404: ['token_not_found'], 503: ['storage_unavailable'] } },
      },
      async ({ params: { id } }) => {
        if (await tokens.revoke(id)) return { id, revoked: true as const };
        throw new ApiError(404, 'token_not_found', `There is no token ${id}.`);
      },
    );
    done();
  };
}

function shown({ id, name, createdAt, lastUsedAt }: PlaybackToken): z.infer<typeof tokenSchema> {
  return {
    id,
    name,
    created_at: new Date(createdAt).toISOString(),
    last_used_at: lastUsedAt === undefined ? null : new Date(lastUsedAt).toISOString(),
  };
}
