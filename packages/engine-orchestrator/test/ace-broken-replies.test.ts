import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AceEngineClient } from '../src/ace/engine-client.ts';
import { fakeClock } from '../src/testing/fake-clock.ts';

const infohash = '94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209';
const good = {
  playback_url: `/ace/r/${infohash}/k`,
  stat_url: `/ace/stat/${infohash}/k`,
  command_url: `/ace/cmd/${infohash}/k`,
  infohash,
  is_live: 1,
};
const goodBody = JSON.stringify({ response: good, error: null });

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
});

/** A client of something on port 0 that does this once it has been asked. */
async function clientOf(answer: (socket: Socket) => void): Promise<AceEngineClient> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new AceEngineClient({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, jsonTimeoutMs: 1_000 });
}

function open(client: AceEngineClient): Promise<unknown> {
  return client.open({ kind: 'content_id', value: infohash });
}

describe('an answer that is good enough', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['ends with the connection', (socket) => socket.end(`HTTP/1.1 200 OK\r\nServer: BaseHTTP/0.6\r\n\r\n${goodBody}`)],
    [
      'has a length, and the connection stays open',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${goodBody.length}\r\n\r\n${goodBody}`),
    ],
    ['is HTTP/1.0', (socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${goodBody}`)],
    [
      'comes in pieces',
      (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n\r\n${goodBody.slice(0, 20)}`);
        setTimeout(() => socket.end(goodBody.slice(20)), 50);
      },
    ],
  ])('%s', async (_title, answer) => {
    await expect(open(await clientOf(answer))).resolves.toMatchObject({ infohash });
  });
});

describe('an answer that is not', () => {
  it.each<[string, string, (socket: Socket) => void]>([
    [
      'has a second status line',
      'bad_response',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nHTTP/1.1 200 OK\r\n\r\n{}'),
    ],
    ['is no HTTP at all', 'bad_response', (socket) => socket.end('hello\r\n\r\n')],
    ['is a web page', 'bad_response', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n<html></html>')],
    ['is empty', 'bad_response', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')],
    [
      'redirects',
      'bad_response',
      (socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: http://203.0.113.1/\r\n\r\n'),
    ],
    [
      'is cut short',
      'engine_unreachable',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"resp'),
    ],
    ['never ends', 'engine_hung', (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n{"resp')],
    ['never begins', 'engine_hung', () => {}],
    ['is a closed connection', 'engine_unreachable', (socket) => socket.end()],
    ['is a reset', 'engine_unreachable', (socket) => socket.resetAndDestroy()],
    [
      'is 500',
      'engine_refused',
      (socket) => socket.end('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops'),
    ],
    ['is 403', 'engine_refused', (socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')],
    [
      'has no end in sight',
      'bad_response',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const more = setInterval(() => socket.write(' '.repeat(300_000)), 1);
        socket.once('close', () => clearInterval(more));
      },
    ],
    [
      'has an endless head',
      'bad_response',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = setInterval(() => socket.write(`X-More: ${'x'.repeat(10_000)}\r\n`), 1);
        socket.once('close', () => clearInterval(more));
      },
    ],
  ])('%s: %s', async (_title, code, answer) => {
    await expect(open(await clientOf(answer))).rejects.toMatchObject({ name: 'AceError', code, retryable: true });
  });
});

const notLoaded = 'HTTP/1.1 200 OK\r\n\r\n{"response":null,"error":"failed to load content"}';

it('a second kind that an engine looks for without end is the fault of the content, and one time limit holds for both', async () => {
  const clock = fakeClock();
  const asked: Socket[] = [];
  const { origin } = await clientOf(async (socket) => {
    asked.push(socket);
    await clock.advance(500);
    if (asked.length === 1) socket.end(notLoaded);
  });
  const client = new AceEngineClient({
    host: '127.0.0.1',
    port: Number(new URL(origin).port),
    jsonTimeoutMs: 1_000,
    clock,
  });
  await expect(open(client)).rejects.toMatchObject({ code: 'content_dead', outcome: 'content-dead' });
  expect(asked).toHaveLength(2);
  expect(clock.pendingTimers).toBe(0);
});

it('giving up while the second kind is tried rejects with the reason', async () => {
  const leaving = new AbortController();
  const reason = new Error('zapped away');
  let asked = 0;
  const client = await clientOf((socket) => {
    asked += 1;
    if (asked === 2) leaving.abort(reason);
    socket.end(notLoaded);
  });
  await expect(client.open({ kind: 'infohash', value: infohash }, { signal: leaving.signal })).rejects.toBe(reason);
  expect(asked).toBe(2);
});

it('giving up any other call rejects with the reason', async () => {
  const leaving = new AbortController();
  const reason = new Error('not wanted');
  let asked = 0;
  const client = await clientOf(() => {
    asked += 1;
    if (asked === 4) leaving.abort(reason);
  });
  const { signal } = leaving;
  const session = { statUrl: `${client.origin}/stat`, commandUrl: `${client.origin}/cmd` };
  const calls = [
    client.stat(session, { signal }),
    client.stop(session, { signal }),
    client.status({ signal }),
    client.version({ signal }),
  ];
  await Promise.all(calls.map((call) => expect(call).rejects.toBe(reason)));
});
