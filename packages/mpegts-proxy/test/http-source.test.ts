import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { httpSource, type Source } from '../src/index.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serveRaw(handler: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => handler(socket));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function read(source: Source): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('asks once with GET, uncompressed, on a connection of its own', async () => {
  const seen: IncomingMessage[] = [];
  const url = await serve((request, response) => {
    seen.push(request);
    response.end('media');
  });
  expect(await read(await httpSource(`${url}/live?a=1`))).toBe('media');
  expect(seen.map(({ method, url: path }) => [method, path])).toEqual([['GET', '/live?a=1']]);
  expect(seen[0]!.headers).toMatchObject({ 'accept-encoding': 'identity', connection: 'close' });
});

test('a connection that is reset is no end, although the body has no length', async () => {
  let reset: (() => void) | undefined;
  const url = await serveRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nmedia');
    reset = () => socket.resetAndDestroy();
  });
  const source = await httpSource(url);
  reset!();
  await expect(read(source)).rejects.toMatchObject({ reason: 'reset', code: 'connection_reset' });
});

test('follows redirects on the same host', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/start') response.writeHead(302, { location: '/content/0.38' }).end('moved');
    else response.end('media');
  });
  expect(await read(await httpSource(`${url}/start`))).toBe('media');
});

test('refuses a redirect to another host, in a circle, or to nowhere', async () => {
  const url = await serve((request, response) => {
    const location = { '/away': 'http://localhost:1/x', '/circle': '/circle' }[request.url ?? ''];
    response.writeHead(302, location === undefined ? {} : { location }).end();
  });
  for (const path of ['/away', '/circle', '/nowhere']) {
    await expect(httpSource(url + path)).rejects.toMatchObject({ code: 'bad_redirect', reason: 'bad-response' });
  }
});

test('a place that names itself wrongly in redirects can be set right', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/start') response.writeHead(302, { location: 'http://wrong.invalid:1/content' }).end();
    else response.end('media');
  });
  const redirect = (to: URL, from: URL): URL => new URL(to.pathname, from.origin);
  expect(await read(await httpSource(`${url}/start`, { redirect }))).toBe('media');
});

test('an error status is an error with the status', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(500, { 'content-type': 'text/plain' }).end('download not found');
  });
  await expect(httpSource(url)).rejects.toMatchObject({ code: 'bad_status', status: 500, reason: 'bad-response' });
});

test('nothing listening is unreachable', async () => {
  await expect(httpSource('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'unreachable', reason: 'refused' });
});

test('a second status line inside the header is broken HTTP, not a crash', async () => {
  const url = await serveRaw((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nServer: x\r\nHTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n\r\n');
  });
  await expect(httpSource(url)).rejects.toMatchObject({ code: 'broken_http', reason: 'bad-response' });
});

test('a connection that is reset in the middle of the body is a reset', async () => {
  let reset: (() => void) | undefined;
  const url = await serveRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf');
    reset = () => socket.resetAndDestroy();
  });
  const source = await httpSource(url);
  reset!();
  await expect(read(source)).rejects.toMatchObject({ code: 'connection_reset', reason: 'reset' });
});

test('a connection accepted and closed without an answer is a reset', async () => {
  const url = await serveRaw((socket) => socket.destroy());
  await expect(httpSource(url)).rejects.toMatchObject({ reason: 'reset' });
});

test('waits for headers as long as its signal lets it', async () => {
  const gone = new AbortController();
  const url = await serve(() => gone.abort(new Error('enough')));
  await expect(httpSource(url, { signal: gone.signal })).rejects.toThrow('enough');
});

test('abort in the middle of the body ends it with the reason', async () => {
  const url = await serve((_request, response) => {
    response.write('first');
  });
  const gone = new AbortController();
  const source = await httpSource(url, { signal: gone.signal });
  const reading = read(source);
  gone.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
});

test('a reader that takes its time holds up the sender, and loses nothing', async () => {
  const total = 48 * 1024 * 1024;
  let sent = 0;
  const url = await serve((_request, response) => {
    const more = (): void => {
      while (sent < total) {
        const block = Buffer.alloc(64 * 1024, (sent / (64 * 1024)) % 251);
        sent += block.length;
        if (!response.write(block)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  const source = await httpSource(url);
  await expect.poll(() => sent > 0).toBe(true);
  let before = -1;
  while (before !== sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  expect(sent).toBeLessThan(total / 2);
  let place = 0;
  for await (const chunk of source.chunks) {
    for (const at of [0, chunk.length - 1]) expect(chunk[at]).toBe(Math.floor((place + at) / (64 * 1024)) % 251);
    place += chunk.length;
  }
  expect(place).toBe(total);
});

test('leaving the body early closes the connection', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const url = await serve((request, response) => {
    request.socket.once('close', () => resolve());
    response.write('first');
  });
  for await (const chunk of (await httpSource(url)).chunks) {
    expect(Buffer.from(chunk).toString()).toBe('first');
    break;
  }
  await closed;
});
