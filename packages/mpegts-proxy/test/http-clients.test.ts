import { createServer, get, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MpegTsProxy, SourceError } from '../src/index.ts';
import { type FakeSource, fakeSource, transportStream } from '../src/testing.ts';

const stream = transportStream({ durationMs: 4_000 });
const quarter = stream.length / 4;

let proxy: MpegTsProxy;
let server: Server;
let source: FakeSource;
let port: number;
const results: Promise<unknown>[] = [];

beforeEach(async () => {
  source = fakeSource('engine');
  proxy = new MpegTsProxy({
    open: async (key) => {
      if (key === '/missing') throw new SourceError('refused', 'other', 'no such channel', { retryable: false });
      return source;
    },
    linger: { ms: 0 },
  });
  server = createServer((request, response) => {
    results.push(
      proxy.attach(request.url ?? '', response, { label: 'test' }).catch((error: Error & { code?: string }) => {
        response.writeHead(503).end(error.code);
      }),
    );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
  results.length = 0;
});

/** Sends a request as is and collects everything up to the end of the connection. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on('error', reject);
  });
}

test.each(['1.0', '1.1'])('HTTP/%s gets a body that ends with the connection, without any framing', async (version) => {
  source.push(stream.subarray(0, quarter));
  const answer = raw(`GET /a HTTP/${version}\r\nHost: x\r\n\r\n`);
  await expect.poll(() => proxy.stats('/a')?.clients.length).toBe(1);
  source.push(stream.subarray(quarter));
  await expect.poll(() => proxy.stats('/a')?.clients[0]?.bytesSent).toBe(stream.length);
  await proxy.stop('/a');
  const text = await answer;
  const [head, body] = [text.slice(0, text.indexOf('\r\n\r\n')), text.slice(text.indexOf('\r\n\r\n') + 4)];
  expect(head).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(head.toLowerCase()).toContain('content-type: video/mp2t');
  expect(head.toLowerCase()).toContain('connection: close');
  expect(head.toLowerCase()).not.toMatch(/transfer-encoding|content-length/);
  expect(Buffer.from(body, 'latin1').equals(stream)).toBe(true);
});

test('a refused join leaves the response to the caller', async () => {
  const text = await raw('GET /missing HTTP/1.0\r\n\r\n');
  expect(text).toMatch(/^HTTP\/1\.1 503/);
  expect(text).toContain('open_failed');
});

test('a client that hangs up is gone at once, and with it the session and its source', async () => {
  source.push(stream);
  const request = get({ port, host: '127.0.0.1', path: '/a' });
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) =>
    request.once('response', resolve),
  );
  response.on('error', () => {});
  response.resume();
  await expect.poll(() => proxy.stats('/a')?.clients.length).toBe(1);
  request.destroy();
  await expect.poll(() => proxy.has('/a')).toBe(false);
  expect(source.closedWith).toEqual(['unused']);
  expect(await results[0]).toMatchObject({ reason: 'left' });
});

test('of two equal players one leaves and the other keeps playing', async () => {
  source.push(stream.subarray(0, quarter));
  const leaver = get({ port, host: '127.0.0.1', path: '/a', headers: { 'user-agent': 'same' } });
  leaver.on('error', () => {});
  const stayer = raw('GET /a HTTP/1.0\r\nUser-Agent: same\r\n\r\n');
  await expect.poll(() => proxy.stats('/a')?.clients.length).toBe(2);
  leaver.destroy();
  await expect.poll(() => proxy.stats('/a')?.clients.length).toBe(1);
  source.push(stream.subarray(quarter));
  await expect.poll(() => proxy.stats('/a')?.clients[0]?.bytesSent).toBe(stream.length);
  await proxy.stop('/a');
  expect(
    Buffer.from(await stayer, 'latin1')
      .subarray(-stream.length)
      .equals(stream),
  ).toBe(true);
});
