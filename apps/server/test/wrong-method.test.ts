import { afterAll, beforeAll, expect, it } from 'vitest';
import { serve, type TestServer } from './serve.ts';

let test: TestServer;
beforeAll(async () => {
  test = await serve();
});
afterAll(() => test[Symbol.asyncDispose]());

it.each([
  ['POST', '/streams', 'GET, HEAD'],
  ['POST', '/api/v1/streams', 'GET, HEAD'],
  ['GET', '/api/v1/streams/some%20id/move', 'POST'],
  ['PATCH', '/proxy/config?x=1', 'GET, HEAD, POST'],
  ['DELETE', '/ace/getstream', 'GET, HEAD, OPTIONS'],
  ['POST', '/ace/hls/a/b/1.ts', 'GET, HEAD, OPTIONS'],
  ['OPTIONS', '/streams', 'GET, HEAD'],
])('%s %s is not what that path is for: 405, and Allow says what is', async (method, path, allow) => {
  const { status, headers, body } = await test.request(path, { method });
  expect([status, headers.get('allow'), body]).toEqual([
    405,
    allow,
    expect.objectContaining({ error: expect.objectContaining({ code: 'method_not_allowed', retryable: false }) }),
  ]);
});

it.each(['/nothing', '/api/v1/nothing', '/streams/a/b/c'])('%s is nothing whatever the method: 404', async (path) => {
  for (const method of ['GET', 'POST', 'OPTIONS']) {
    const { status, headers, body } = await test.request(path, { method });
    expect([status, headers.get('allow'), body]).toMatchObject([404, null, { error: { code: 'not_found' } }]);
  }
});
