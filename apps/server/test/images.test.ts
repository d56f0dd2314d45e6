import { expect, it } from 'vitest';
import { EventReader } from './event-reader.ts';
import { eventually } from './eventually.ts';
import { type ImageDaemon, imageDaemon } from './image-daemon.ts';
import { key, serve, type TestServer } from './serve.ts';

const image = 'registry.example/engine:1';
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** A server without engines on that daemon. */
function serveOn({ host }: ImageDaemon): Promise<TestServer> {
  const env = { ENGINES: 'docker', DOCKER_HOST: host, ENGINE_VARIANT: 'nano-ace', ENGINE_IMAGE: image };
  return serve({ engines: 0, instance: 'test', env: { ...env, MIN_REPLICAS: '0', MIN_FREE_REPLICAS: '0' } });
}

function send(test: TestServer, method: 'POST' | 'DELETE', path: string, body?: unknown) {
  const headers = { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  return test.request(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

it('a newer image is reported everywhere once the registry was asked, and told once', async () => {
  await using daemon = await imageDaemon(image);
  daemon.digests = [digest('a')];
  daemon.registry = [200, { Descriptor: { digest: digest('b') } }];
  await using test = await serveOn(daemon);
  using reader = new EventReader(`${test.origin}/live`);
  expect((await test.get('/images')).body).toMatchObject([{ image, configured: true, newer: null, check: null }]);
  expect((await test.get('/orchestrator/status')).body).toMatchObject({ newer_images: [] });

  const checked = await send(test, 'POST', '/images/check');
  expect(checked).toMatchObject({
    status: 200,
    body: { image, present: true, digests: [digest('a')], newer: true, check: { digest: digest('b'), error: null } },
  });
  expect((await test.get('/images')).body).toMatchObject([{ newer: true }]);
  await reader.next('status', ({ newer_images }) => newer_images[0] === image);
  await reader.next('event', ({ category, details }) => category === 'newer_image' && details.digest === digest('b'));
  await send(test, 'POST', '/images/check', { image });
  const told = await test.get<unknown[]>('/events?category=newer_image');
  expect(told.body).toHaveLength(1);

  daemon.digests = [digest('b')];
  expect((await send(test, 'POST', '/images/check')).body).toMatchObject({ newer: false });
  expect((await test.get('/orchestrator/status')).body).toMatchObject({ newer_images: [] });
});

it.each([
  [500, 'Get "https://registry.example/v2/": dial tcp: connection refused', 502, 'registry_unreachable', null],
  [401, 'unauthorized: authentication required', 502, 'registry_denied', null],
  [429, 'toomanyrequests: slow down', 503, 'registry_limited', '3600'],
  [404, 'page not found', 501, 'check_unsupported', null],
  [404, 'manifest unknown: manifest unknown', 502, 'image_missing', null],
])(
  'a registry that says %i "%s" is %i %s, shown in /images, and changes nothing',
  async (said, message, status, code, after) => {
    await using daemon = await imageDaemon(image);
    daemon.registry = [said, { message }];
    await using test = await serveOn(daemon);
    const refused = await send(test, 'POST', '/images/check');
    expect(refused).toMatchObject({ status, body: { error: { code } } });
    expect(refused.headers.get('retry-after')).toBe(after);
    expect((await test.get('/images')).body).toMatchObject([{ newer: null, check: { digest: null, error: { code } } }]);
    expect((await test.get('/orchestrator/status')).body).toMatchObject({ status: 'healthy', newer_images: [] });
  },
);

it('a download is begun, joined, followed and ended', async () => {
  await using daemon = await imageDaemon(image);
  await using test = await serveOn(daemon);
  using reader = new EventReader(`${test.origin}/live`);
  await reader.next('snapshot');
  expect(await send(test, 'POST', '/images/pull')).toMatchObject({
    status: 202,
    body: { pull: { status: 'pulling' } },
  });
  expect(await send(test, 'POST', '/images/pull', { image })).toMatchObject({ status: 202 });
  await reader.next('pull', ({ done, status }) => !done && status === 'pulling');
  await eventually(() => daemon.pulls.size === 1);
  expect((await send(test, 'DELETE', '/images/pull')).body).toMatchObject({
    pull: { status: 'cancelled', code: 'pull_cancelled' },
  });
  await eventually(() => daemon.pulls.size === 0);
  await reader.next('pull', ({ done, status }) => done && status === 'cancelled');
  await reader.next('event', ({ category }) => category === 'image_pull_cancelled');
  expect(await send(test, 'DELETE', `/images/pull?image=${encodeURIComponent(image)}`)).toMatchObject({
    status: 404,
    body: { error: { code: 'pull_not_found' } },
  });

  await send(test, 'POST', '/images/pull');
  await eventually(() => daemon.pulls.size === 1);
  for (const line of [
    '{"status":"Downloading","id":"a","progressDetail":{"current":5,"total":9}}',
    '{"status":"Pull complete","id":"a"}',
  ])
    for (const response of daemon.pulls) response.write(`${line}\n`);
  for (const response of daemon.pulls) response.end();
  const { data } = await reader.next('pull', ({ status }) => status === 'done');
  expect(data).toMatchObject({ image, layers: 1, layers_done: 1, bytes: 9, total_bytes: 9, error: null, code: null });
  await reader.next('event', ({ category }) => category === 'image_pulled');
});

it('what cannot be an image is bad input, and without Docker there is none to ask about', async () => {
  await using daemon = await imageDaemon(image);
  await using test = await serveOn(daemon);
  for (const path of ['/images/check', '/images/pull']) {
    expect(await send(test, 'POST', path, { image: '../info' })).toMatchObject({
      status: 400,
      body: { error: { code: 'bad_input' } },
    });
  }
  await using plain = await serve();
  for (const [method, path] of [
    ['POST', '/images/check'],
    ['POST', '/images/pull'],
    ['DELETE', '/images/pull'],
  ] as const) {
    expect(await send(plain, method, path)).toMatchObject({ status: 409, body: { error: { code: 'not_managed' } } });
  }
  expect((await plain.get('/images')).body).toEqual([]);
});
