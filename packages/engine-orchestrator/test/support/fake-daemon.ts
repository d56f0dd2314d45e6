import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A call as it came. */
export interface DaemonCall {
  /** `POST /containers/create` */
  readonly route: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Answers a call: a body with status 200, `[status, body]`, `'as usual'`, or nothing when it answered itself or never
 * will.
 */
export type Answer = (call: DaemonCall) => unknown;

export interface FakeDaemon extends AsyncDisposable {
  readonly socketPath: string;
  /** Every call so far, `GET /info` … */
  readonly calls: readonly string[];
  /** Replaces the answers of some routes. `:id` stands for one part of a path. */
  answer(answers: Readonly<Record<string, Answer>>): void;
  /** The daemon goes away, or comes back, at the same socket. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const info = { Architecture: 'x86_64', ServerVersion: '20.10.24', Name: 'fake', LoggingDriver: 'json-file' };

/** A Docker daemon of which nothing is real but the socket: containers it was asked to make, and answers as a test says. */
export async function fakeDaemon(answers: Readonly<Record<string, Answer>> = {}): Promise<FakeDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-daemon-'));
  const socketPath = join(folder, 'docker.sock');
  const calls: string[] = [];
  const containers = new Map<string, Record<string, unknown>>();
  let made = 0;
  const usual = new Map<string, Answer>(
    Object.entries<Answer>({
      'GET /info': () => info,
      'GET /images/:id/json': () => ({
        Id: 'sha256:1',
        Architecture: 'amd64',
        Size: 1,
        Created: '2026-01-01T00:00:00Z',
      }),
      'GET /containers/json': ({ query }) => {
        const { id } = JSON.parse(query.get('filters') ?? '{}') as { id?: readonly string[] };
        return [...containers].filter(([each]) => id?.includes(each) ?? true).map(([, { summary }]) => summary);
      },
      'POST /containers/create': ({ query, body }) => {
        const name = query.get('name') ?? '';
        if ([...containers.values()].some((each) => each['name'] === name)) {
          return [409, { message: `Conflict. The container name "/${name}" is already in use by container "1"` }];
        }
        const Id = (++made).toString(16).padStart(64, '0');
        const { Labels, HostConfig, Image } = body as {
          Labels: object;
          HostConfig: { NetworkMode: string };
          Image: string;
        };
        const summary = {
          Id,
          Names: [`/${name}`],
          Image,
          Labels,
          State: 'created',
          Created: 1,
          Ports: [],
          HostConfig: { NetworkMode: HostConfig.NetworkMode },
          NetworkSettings: { Networks: { bridge: { IPAddress: '127.0.0.1' } } },
        };
        containers.set(Id, { name, summary, body });
        return [201, { Id }];
      },
      'POST /containers/:id/start': ({ route }) => {
        const container = containers.get(idIn(route));
        if (container === undefined) return [404, { message: 'No such container' }];
        (container['summary'] as { State: string }).State = 'running';
        return [204, undefined];
      },
      'POST /containers/:id/stop': ({ route }) => [
        containers.has(idIn(route)) ? 204 : 404,
        { message: 'No such container' },
      ],
      'DELETE /containers/:id': ({ route }) => [
        containers.delete(idIn(route)) ? 204 : 404,
        { message: 'No such container' },
      ],
      'GET /containers/:id/json': ({ route }) => {
        const id = idIn(route);
        const container = containers.get(id) as
          | { name: string; summary: { State: string; Labels: object } }
          | undefined;
        if (container === undefined) return [404, { message: `No such container: ${id}` }];
        const { State, Labels } = container.summary;
        return {
          Id: id,
          Name: `/${container.name}`,
          State: { Running: State === 'running', StartedAt: '2026-01-01T00:00:00Z' },
          Config: { Labels, Tty: false },
        };
      },
    }),
  );

  const routes = new Map([...usual, ...Object.entries(answers)]);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://docker');
    const route = `${request.method} ${url.pathname}`;
    calls.push(route);
    const pattern = [...routes.keys()].find((each) => matches(each, route));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? {} : JSON.parse(text);
    const call = { route, query: url.searchParams, body, request, response };
    let answer =
      pattern === undefined ? [404, { message: `page not found: ${route}` }] : await routes.get(pattern)?.(call);
    if (answer === 'as usual') answer = await usual.get(pattern ?? '')?.(call);
    if (answer === undefined || response.headersSent) return;
    const [status, content] = Array.isArray(answer) && typeof answer[0] === 'number' ? answer : [200, answer];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(content === undefined || status === 204 ? undefined : JSON.stringify(content));
  };

  let server = createServer((request, response) => void handle(request, response));
  const start = async (): Promise<void> => {
    server = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  };
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  await start();
  return {
    socketPath,
    calls,
    answer: (more) => {
      for (const [pattern, answer] of Object.entries(more)) {
        routes.delete(pattern);
        routes.set(pattern, answer);
      }
    },
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function idIn(route: string): string {
  return route.split('/')[2] ?? '';
}

/** Image names may contain slashes. */
function matches(pattern: string, route: string): boolean {
  const [head = '', tail = ''] = pattern.split(':id');
  return pattern.includes(':id')
    ? route.startsWith(head) && route.endsWith(tail) && route.length > head.length + tail.length
    : route === pattern;
}
