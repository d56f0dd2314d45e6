import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { EventStream } from '../live/event-stream.ts';
import { LiveFeed, type LivePayload } from '../live/live-feed.ts';
import { LiveState } from '../live/live-state.ts';
import type { Pull } from '../live/pulls.ts';
import type { Services } from '../services.ts';
import { engineStates } from './engines.ts';
import { eventState } from './event-state.ts';
import { accessOf } from './guard.ts';
import { pullFields } from './image-state.ts';
import { orchestratorStatus } from './orchestrator-status.ts';
import type { Routes } from './server.ts';
import type { StreamState } from './stream-state.ts';
import { streamStates } from './streams.ts';

/** Proxies and browsers take a connection for dead that says nothing for long. */
const commentMs = 15_000;
/** Each may leave a megabyte unread. */
const maxListeners = 200;

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const;

const querySchema = z.object({
  last_event_id: z.string().max(100).optional().describe('As the header Last-Event-ID, where none can be sent'),
});

const answer = {
  description: 'Server-sent events, endless',
  content: { 'text/event-stream': { schema: z.string() } },
};

type LiveServices = Pick<
  Services,
  'engines' | 'streams' | 'sessions' | 'hls' | 'p2p' | 'config' | 'changes' | 'events' | 'pulls' | 'images' | 'vpn'
>;

/** The live feed: `/live` tells of every change, `/events/stream` of what goes into the event log. */
export class Live {
  readonly #feed = new LiveFeed();
  readonly #state: LiveState;
  readonly #streams = new Set<EventStream>();
  readonly #ends: readonly (() => void)[];
  #comments: NodeJS.Timeout | undefined;

  constructor(services: LiveServices) {
    const feed = this.#feed;
    this.#state = new LiveState(feed, {
      engines: () => new Map(engineStates(services).map((state) => [state.container_id, { full: state }])),
      streams: () =>
        new Map(streamStates(services, services.streams.active(), true).map((state) => [state.id, forAll(state)])),
      status: () => orchestratorStatus(services),
      pulls: () => services.pulls.list().map(pullState),
    });
    this.#ends = [
      services.changes.listen(() => this.#state.wake()),
      services.events.listen((entry) => feed.publish('event', { full: eventState(entry) })),
      services.pulls.listen((pull) => feed.publish('pull', { full: pullState(pull) })),
    ];
  }

  /** A new reader of everything: what there is now, then every change. One that comes back gets what it missed. */
  everything(request: FastifyRequest, reply: FastifyReply): void {
    const snapshot = (stream: EventStream): void =>
      stream.send('snapshot', JSON.stringify(this.#state.snapshot(stream.privileged)), this.#feed.lastId);
    const stream = this.#open(request, reply, { onCaughtUp: snapshot });
    this.#state.start();
    this.#state.look();
    const missed = this.#feed.since(lastIdOf(request) ?? '');
    if (missed === undefined) snapshot(stream);
    else for (const message of missed) stream.deliver(message);
    this.#listen(stream, reply);
  }

  /** A new reader of the event log. */
  eventLog(request: FastifyRequest, reply: FastifyReply): void {
    const stream = this.#open(request, reply, { wants: ({ name }) => name === 'event', onCaughtUp: () => {} });
    for (const message of this.#feed.since(lastIdOf(request) ?? '') ?? []) stream.deliver(message);
    this.#listen(stream, reply);
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#state.stop();
    clearInterval(this.#comments);
  }

  #open(
    request: FastifyRequest,
    reply: FastifyReply,
    options: Pick<ConstructorParameters<typeof EventStream>[0], 'wants' | 'onCaughtUp'>,
  ): EventStream {
    if (this.#streams.size >= maxListeners) {
      throw new ApiError(503, 'too_many_listeners', `${maxListeners} readers follow what happens already.`, {
        retryable: true,
        retryAfterSeconds: 30,
      });
    }
    const { privileged } = accessOf(request);
    reply.hijack();
    reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers });
    // A browser's EventSource is open from here on, not from the first message on.
    reply.raw.flushHeaders();
    return new EventStream({ response: reply.raw, privileged, ...options });
  }

  #listen(stream: EventStream, reply: FastifyReply): void {
    const end = this.#feed.listen(stream);
    this.#streams.add(stream);
    this.#comments ??= setInterval(() => {
      for (const each of this.#streams) each.comment();
    }, commentMs).unref();
    reply.raw.once('close', () => {
      end();
      this.#streams.delete(stream);
      if (this.#streams.size > 0) return;
      this.#state.stop();
      clearInterval(this.#comments);
      this.#comments = undefined;
    });
  }
}

/** `/live` and `/events/stream`. */
export function liveRoutes(live: Live): Routes {
  return (app, _options, done) => {
    app.get(
      '/live',
      {
        schema: {
          operationId: 'followAll',
          summary: 'Follow everything: what there is now, then every change',
          description:
            'The first event is a snapshot {engines, streams, status, pulls}; then engine (EngineState), engine_gone {container_id}, stream (StreamState), stream_gone {id}, status (OrchestratorStatus), event (Event), pull (Pull); lost {count} and another snapshot when the reader was too slow. With Last-Event-ID of a while ago it goes on there instead of beginning with a snapshot. docs/events.md has it all.',
          tags: ['events'],
          querystring: querySchema,
          response: { 200: answer },
        },
        config: { area: 'read', errors: { 503: ['too_many_listeners'] } },
      },
      (request, reply) => {
        if (request.method === 'HEAD') reply.headers(headers).send('');
        else live.everything(request, reply);
      },
    );

    app.get(
      '/events/stream',
      {
        schema: {
          operationId: 'followEvents',
          summary: 'Follow the event log',
          description: 'Events named event (Event), and lost {count} when the reader was too slow.',
          tags: ['events'],
          querystring: querySchema,
          response: { 200: answer },
        },
        config: { area: 'read', errors: { 503: ['too_many_listeners'] } },
      },
      (request, reply) => {
        if (request.method === 'HEAD') reply.headers(headers).send('');
        else live.eventLog(request, reply);
      },
    );
    done();
  };
}

/** The engine's URLs are for those with the key. */
function forAll(state: StreamState): LivePayload {
  return { full: state, open: { ...state, stat_url: null, command_url: null } };
}

function lastIdOf(request: FastifyRequest): string | undefined {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' ? header : (request.query as z.infer<typeof querySchema>).last_event_id;
}

/** What is for people, and whether it is over, beside what `/images` has of it. */
function pullState(pull: Pull): Record<string, unknown> {
  const { image, layers, layersDone, startedAt } = pull;
  return {
    image,
    message: `${layersDone} of ${layers} layers`,
    ...pullFields(pull),
    started_at: new Date(startedAt).toISOString(),
    done: pull.status !== 'pulling',
  };
}
