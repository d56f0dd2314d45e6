import { expect, test } from 'vitest';
import { CONTENT_ID, getJson, rawGet, start, testEngine } from './test-engine.ts';

const STATUS = '/server/api?api_version=3&method=get_status';

test('replies look like those of Python’s BaseHTTPServer and end by closing the connection', async () => {
  const engine = await testEngine();
  const connection = rawGet(`${engine.url}${STATUS}`);
  expect(await connection.ended).toBe('eof');
  const lines = connection.head.split('\r\n');
  expect(lines[0]).toBe('HTTP/1.1 200 OK');
  expect(lines[1]).toBe('Server: BaseHTTP/0.6 Python/3.10');
  expect(lines[2]).toMatch(/^Date: \w{3}, \d\d \w{3} \d{4} .* GMT$/);
  expect(connection.head).not.toMatch(/content-length|transfer-encoding|keep-alive/i);
});

test('engines of 3.1 say Python 2.7', async () => {
  const engine = await testEngine({ version: '3.1.32' });
  const connection = rawGet(`${engine.url}${STATUS}`);
  await connection.ended;
  expect(connection.header('Server')).toBe('BaseHTTP/0.3 Python/2.7.13');
});

test('an unknown path is a 500 in plain text, with a Content-Length', async () => {
  const engine = await testEngine();
  const connection = rawGet(`${engine.url}/nothing/here`);
  await connection.ended;
  expect(connection.status).toBe(500);
  expect(connection.header('Content-Type')).toBe('text/plain');
  expect(connection.header('Content-Length')).toBe('45');
  expect(connection.body.toString()).toBe("Internal Server Error, couldn't find resource");
});

test('the connection is closed after one request, even when the client would keep it', async () => {
  const engine = await testEngine();
  const { host } = new URL(engine.url);
  const request = `GET ${STATUS} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`;
  const connection = rawGet(engine.url, { request: request + request });
  await connection.ended;
  expect(connection.text.split('HTTP/1.1 200 OK').length - 1).toBe(1);
});

test('HTTP/1.0 is answered with HTTP/1.1', async () => {
  const engine = await testEngine();
  const connection = rawGet(engine.url, { request: `GET ${STATUS} HTTP/1.0\r\n\r\n` });
  await connection.ended;
  expect(connection.head).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('URLs in replies are absolute and name the host the client asked for', async () => {
  const engine = await testEngine();
  const request = `GET /ace/getstream?format=json&id=${CONTENT_ID} HTTP/1.1\r\nHost: engine.example:40001\r\n\r\n`;
  const connection = rawGet(engine.url, { request });
  await connection.ended;
  const { response } = JSON.parse(connection.body.toString());
  expect(response.playback_url).toMatch(/^http:\/\/engine\.example:40001\/ace\/r\//);
  expect(response.stat_url).toMatch(/^http:\/\/engine\.example:40001\/ace\/stat\//);
});

test('a redirect repeats its address in the body', async () => {
  const engine = await testEngine();
  const connection = rawGet(`${engine.url}/ace/getstream?id=${CONTENT_ID}`);
  await connection.ended;
  expect(connection.status).toBe(302);
  expect(connection.header('Access-Control-Allow-Origin')).toBe('*');
  expect(connection.body.toString()).toBe(`Redirect to ${connection.header('Location')}`);
});

test('a request whose bytes come one by one is answered', async () => {
  const engine = await testEngine();
  const connection = rawGet(engine.url, { request: '' });
  for (const byte of `GET ${STATUS} HTTP/1.1\r\n\r\n`) {
    connection.socket.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await connection.ended;
  expect(connection.status).toBe(200);
});

test('what is no HTTP gets a 400, a head without end a 431, another method a 501', async () => {
  const engine = await testEngine();
  const noHttp = rawGet(engine.url, { request: 'HELLOBG version=4\r\n\r\n' });
  await noHttp.ended;
  expect(noHttp.status).toBe(400);

  const endless = rawGet(engine.url, { request: `GET /${'a'.repeat(80_000)}` });
  await endless.ended;
  expect(endless.status).toBe(431);

  const post = rawGet(`${engine.url}/search`, { method: 'POST' });
  await post.ended;
  expect(post.status).toBe(501);
});

test('a HEAD is answered with the head alone', async () => {
  const engine = await testEngine();
  const connection = rawGet(`${engine.url}${STATUS}`, { method: 'HEAD' });
  await connection.ended;
  expect(connection.status).toBe(200);
  expect(connection.body.length).toBe(0);
});

test('a request that hangs holds up no other', async () => {
  const engine = await testEngine({ startDelayMs: 60_000 });
  const { playback_url } = await start(engine);
  const held = rawGet(playback_url);
  await getJson(`${engine.url}${STATUS}`);
  await getJson(`${engine.url}/webui/api/service?method=get_version`);
  expect(held.bytesReceived).toBe(0);
});

test('requests are logged with their status', async () => {
  const engine = await testEngine({ requestLogSize: 2 });
  for (const path of ['/one', '/two', '/search?query=radio']) await fetch(`${engine.url}${path}`);
  expect(engine.requests().map(({ method, target, status }) => ({ method, target, status }))).toEqual([
    { method: 'GET', target: '/two', status: 500 },
    { method: 'GET', target: '/search?query=radio', status: 200 },
  ]);
  engine.clearRequests();
  expect(engine.requests()).toEqual([]);
});
