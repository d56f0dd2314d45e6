import { Readable } from 'node:stream';
import { z } from 'zod';
import type { LogLine } from '../compose/containers.ts';
import type { Services } from '../services.ts';
import { containerErrors } from './container-errors.ts';
import { containerState, containerStateSchema } from './container-state.ts';
import { wholeNumber } from './parameter-types.ts';
import type { Routes } from './server.ts';

const idSchema = z.object({ id: z.string().min(1).max(200).describe('The id or name of a container') });

/** `/containers`: single containers of this installation. */
export function containerRoutes({ containers }: Pick<Services, 'containers'>): Routes {
  return (app, _options, done) => {
    app.get(
      '/containers/:id',
      {
        schema: {
          operationId: 'getContainer',
          summary: 'Show what Docker knows of a container',
          tags: ['containers'],
          params: idSchema,
          response: { 200: containerStateSchema },
        },
        config: { area: 'admin', errors: containerErrors },
      },
      async (request) => containerState(await containers.inspect(request.params.id)),
    );

    app.delete(
      '/containers/:id',
      {
        schema: {
          operationId: 'removeContainer',
          summary: 'Stop and remove a container; what it plays moves to another engine',
          tags: ['containers'],
          params: idSchema,
          response: { 200: z.object({ deleted: z.boolean(), container_id: z.string() }) },
        },
        config: { area: 'admin', errors: containerErrors },
      },
      async (request) => ({ deleted: true, container_id: await containers.remove(request.params.id) }),
    );

    app.get(
      '/containers/:id/logs',
      {
        schema: {
          operationId: 'getContainerLogs',
          summary: 'Read what a container has printed, oldest line first',
          description: 'With follow=true as plain text that goes on until the client leaves.',
          tags: ['containers'],
          params: idSchema,
          querystring: z.object({
            tail: wholeNumber(1, 10_000).prefault(200).describe('Lines from the end'),
            since_seconds: wholeNumber(1, 31_536_000).optional().describe('Only lines of the last so many seconds'),
            timestamps: z.stringbool().default(false).describe('Whether each line begins with its time'),
            follow: z.stringbool().default(false).describe('Whether it goes on with lines as they come'),
          }),
          response: { 200: z.object({ container_id: z.string(), logs: z.string() }) },
        },
        config: { area: 'admin', errors: containerErrors },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { tail, since_seconds, timestamps, follow } = request.query;
        const since = since_seconds === undefined ? {} : { since: Date.now() - since_seconds * 1_000 };
        const leaving = new AbortController();
        const lines = containers.logs(id, { tail, ...since, follow, signal: leaving.signal });
        if (follow) {
          reply.raw.once('close', () => leaving.abort());
          // The first line is awaited, so that an unknown container is an error and not an empty answer.
          const first = await lines.next();
          return reply
            .type('text/plain; charset=utf-8')
            .serializer((payload) => payload as never)
            .send(Readable.from(textLines(first, lines, timestamps)) as never);
        }
        const text: string[] = [];
        for await (const line of lines) text.push(formatLine(line, timestamps));
        return { container_id: id, logs: text.join('') };
      },
    );

    app.get(
      '/by-label',
      {
        schema: {
          operationId: 'findContainers',
          summary: 'List the containers of this installation that have a label',
          tags: ['containers'],
          querystring: z.object({
            key: z.string().min(1).max(200).describe('Name of a label'),
            value: z.string().max(1_000).default('').describe('What it has to be'),
          }),
          response: {
            200: z.array(
              containerStateSchema
                .pick({ container_id: true, container_name: true, image: true, status: true, labels: true })
                .extend({ created: z.iso.datetime() }),
            ),
          },
        },
        config: { area: 'admin', errors: containerErrors },
      },
      async (request) => {
        const found = await containers.byLabel(request.query.key, request.query.value);
        return found.map(({ id, name, image, state, labels, createdAt }) => ({
          container_id: id,
          container_name: name,
          image,
          status: state,
          labels: { ...labels },
          created: new Date(createdAt).toISOString(),
        }));
      },
    );
    done();
  };
}

async function* textLines(
  first: IteratorResult<LogLine>,
  rest: AsyncIterable<LogLine>,
  timestamps: boolean,
): AsyncGenerator<string> {
  if (first.done) return;
  yield formatLine(first.value, timestamps);
  for await (const line of rest) yield formatLine(line, timestamps);
}

function formatLine({ text, at }: LogLine, timestamps: boolean): string {
  return timestamps && at !== undefined ? `${new Date(at).toISOString()} ${text}\n` : `${text}\n`;
}
