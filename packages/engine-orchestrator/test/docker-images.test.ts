import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  type DockerRuntime,
  type DockerRuntimeOptions,
  dockerRuntime,
  type ImageState,
  type PullProgress,
} from '../src/docker/index.ts';
import { fakeClock } from '../src/testing.ts';
import { type FakeDaemon, fakeDaemon } from './support/fake-daemon.ts';

const { signal } = new AbortController();
const image = 'registry.example:5000/engine:1';
const spec = { image, ports: { http: {} } } as const;
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

function runtimeAt({ socketPath }: FakeDaemon, options: Partial<DockerRuntimeOptions> = {}): DockerRuntime {
  return dockerRuntime({ instance: 'test', spec, connection: { kind: 'unix', socketPath }, ...options });
}

/** A daemon that has one image, and says of its registry what `remote` returns. */
function daemonWith(local: string, remote: () => unknown): Promise<FakeDaemon> {
  return fakeDaemon({
    'GET /images/:id/json': () => ({
      Id: 'sha256:1',
      Created: '',
      RepoDigests: [`registry.example:5000/engine@${local}`],
    }),
    'GET /distribution/:id/json': () => remote(),
  });
}

const has = (letter: string) => ({ Descriptor: { digest: digest(letter) }, Platforms: [] });

it('a newer image at the registry is seen when somebody asks, and before that nobody claims to know', async () => {
  let remote = 'a';
  await using daemon = await daemonWith(digest('a'), () => has(remote));
  const told: ImageState[] = [];
  const runtime = runtimeAt(daemon, { onImage: (state) => told.push(state) });
  expect((await runtime.images({ signal }))[0]).toMatchObject({ image, isConfigured: true, newer: undefined });
  expect(daemon.calls.some((call) => call.includes('/distribution/'))).toBe(false);
  expect(await runtime.checkImage(undefined, { signal })).toMatchObject({ newer: false });
  remote = 'b';
  expect(await runtime.checkImage(image, { signal })).toMatchObject({
    newer: true,
    check: { digest: digest('b'), at: expect.any(Number) },
  });
  expect((await runtime.images({ signal }))[0]).toMatchObject({ newer: true });
  expect(told.map(({ newer }) => newer)).toEqual([false, true]);
  expect(daemon.calls.filter((call) => call.includes('/distribution/'))).toEqual([
    `GET /distribution/${image}/json`,
    `GET /distribution/${image}/json`,
  ]);
});

it('an image that is named by its digest is never asked about', async () => {
  await using daemon = await daemonWith(digest('a'), () => has('b'));
  expect(await runtimeAt(daemon).checkImage(`engine@${digest('a')}`, { signal })).toMatchObject({ newer: false });
  expect(daemon.calls.some((call) => call.includes('/distribution/'))).toBe(false);
});

it.each([
  ['is away', 500, 'Get "http://registry.example/v2/": dial tcp: lookup x: no such host', 'registry_unreachable', true],
  ['speaks no sense', 500, 'received unexpected HTTP status: 502 Bad Gateway', 'registry_unreachable', true],
  ['wants credentials', 401, 'unauthorized: authentication required', 'registry_denied', false],
  ['denies it', 403, 'denied: requested access to the resource is denied', 'registry_denied', false],
  ['was asked too often', 429, 'toomanyrequests: You have reached your pull rate limit.', 'registry_limited', true],
  ['does not have the image', 404, 'manifest unknown: manifest unknown', 'image_missing', true],
])(
  'a registry that %s is a typed error, and what was known stays known',
  async (_title, status, message, code, retryable) => {
    let answer: unknown = has('b');
    await using daemon = await daemonWith(digest('a'), () => answer);
    const runtime = runtimeAt(daemon);
    await runtime.checkImage(undefined, { signal });
    answer = [status, { message }];
    const refusal = { code, retryable, unavailable: false, message: expect.stringContaining(message) };
    await expect(runtime.checkImage(undefined, { signal })).rejects.toMatchObject(refusal);
    expect(await runtime.image(undefined, { signal })).toMatchObject({
      newer: true,
      check: { digest: digest('b'), error: { code } },
    });
  },
);

it('a daemon that cannot ask registries says so, and a daemon that is away blames no registry', async () => {
  await using daemon = await fakeDaemon({
    'GET /distribution/:id/json': ({ response }) => void response.writeHead(404).end('Not Found\n'),
  });
  const runtime = runtimeAt(daemon);
  await expect(runtime.checkImage(undefined, { signal })).rejects.toMatchObject({
    code: 'check_unsupported',
    retryable: false,
  });
  await daemon.stop();
  await expect(runtime.checkImage(undefined, { signal })).rejects.toMatchObject({ code: 'daemon_unreachable' });
  await daemon.start();
  expect((await runtime.image(undefined, { signal })).check?.error?.code).toBe('check_unsupported');
});

it.each(['../containers/json', 'a//b', '', '/x', 'a b', 'x/../y'])(
  '"%s" is no image, and no path either',
  async (name) => {
    await using daemon = await fakeDaemon();
    await expect(runtimeAt(daemon).checkImage(name, { signal })).rejects.toThrow(TypeError);
    await expect(runtimeAt(daemon).pull(name, { signal })).rejects.toThrow(TypeError);
    expect(daemon.calls).toEqual([]);
  },
);

it('with an interval the registry is asked while there are engines, not at every start, and never by a timer', async () => {
  let answer: unknown = has('b');
  await using daemon = await daemonWith(digest('a'), () => answer);
  const clock = fakeClock();
  const told: (boolean | undefined)[] = [];
  const runtime = runtimeAt(daemon, { clock, imageCheckMs: 86_400_000, onImage: ({ newer }) => told.push(newer) });
  const looks = async (afterMs: number): Promise<number> => {
    await clock.advance(afterMs);
    await runtime.list({ signal });
    // Every call has a time limit, so none is under way when no timer is.
    await turn();
    await expect.poll(() => clock.pendingTimers).toBe(0);
    return daemon.calls.filter((call) => call.includes('/distribution/')).length;
  };
  expect(await looks(86_400_000)).toBe(0);
  daemon.answer({ 'GET /containers/json': () => [engine] });
  expect(await looks(0)).toBe(1);
  expect(told).toEqual([true]);
  expect(await looks(86_300_000)).toBe(1);
  answer = [500, { message: 'dial tcp: no such host' }];
  expect(await looks(100_000)).toBe(2);
  expect(told).toEqual([true, true]);
  // What failed is tried again sooner than what is known, and not at once.
  expect(await looks(1_800_000)).toBe(2);
  answer = [401, { message: 'unauthorized' }];
  expect(await looks(1_800_000)).toBe(3);
  expect(told).toHaveLength(3);
  // What only somebody can mend is not tried again every hour.
  expect(await looks(3_600_000)).toBe(3);
});

const engine = {
  Id: '1'.repeat(64),
  Names: ['/engine-1'],
  Image: image,
  Labels: { 'ondemand.app': 'test', 'ondemand.role': 'engine', 'engine.http_port': '19000' },
  State: 'exited',
  Created: 1,
  Ports: [],
  HostConfig: { NetworkMode: 'bridge' },
  NetworkSettings: { Networks: { bridge: { IPAddress: '127.0.0.1' } } },
};

/** A daemon that begins to pull, and goes on when told to. */
async function pullingDaemon(): Promise<FakeDaemon & { readonly pulls: string[]; goOn: (message?: object) => void }> {
  const pulls: string[] = [];
  let goOn: (message?: object) => void = () => {};
  const daemon = await fakeDaemon({
    'POST /images/create': ({ query, response }) => {
      pulls.push(query.get('fromImage') ?? '');
      response.once('close', () => response.writableFinished || pulls.push('closed'));
      response.writeHead(200).write('{"status":"Downloading","id":"a","progressDetail":{"current":1,"total":10}}\n');
      goOn = (message = { status: 'Pull complete', id: 'a' }) => void response.end(`${JSON.stringify(message)}\n`);
    },
  });
  return Object.assign(daemon, { pulls, goOn: (message?: object) => goOn(message) });
}

it('a pull that is asked for twice is one pull, under whichever of its names', async () => {
  await using daemon = await pullingDaemon();
  const runtime = runtimeAt(daemon, { spec: { ...spec, image: 'engine' } });
  const both = [runtime.pull('engine', { signal }), runtime.pull('engine:latest', { signal })];
  await expect.poll(() => daemon.pulls).toEqual(['engine:latest']);
  expect(await runtime.images({ signal })).toMatchObject([{ image: 'engine', pull: { status: 'pulling' } }]);
  daemon.goOn();
  await Promise.all(both);
  expect(daemon.pulls).toEqual(['engine:latest']);
  expect(await runtime.images({ signal })).toMatchObject([{ pull: { status: 'done', layersDone: 1, bytes: 10 } }]);
});

it('the last that is told of a pull that stands still is how far it came', async () => {
  await using daemon = await pullingDaemon();
  const told: PullProgress[] = [];
  const runtime = runtimeAt(daemon, { onPull: (progress) => told.push(progress) });
  const pull = runtime.pull(image, { signal });
  await expect
    .poll(() => told.at(-1), { timeout: 5_000 })
    .toMatchObject({ status: 'pulling', bytes: 1, totalBytes: 10 });
  daemon.goOn();
  await pull;
  expect(told.map(({ status }) => status)).toEqual(['pulling', 'pulling', 'done']);
});

it('a pull that is cancelled ends at the daemon, for everybody who waits, and may begin anew', async () => {
  await using daemon = await pullingDaemon();
  const told: PullProgress[] = [];
  const runtime = runtimeAt(daemon, { onPull: (progress) => told.push(progress) });
  expect(await runtime.cancelPull(image)).toBe(false);
  const waiting = [runtime.pull(image, { signal }), runtime.pull(image, { signal })];
  const refusals = Promise.all(waiting.map((pull) => expect(pull).rejects.toMatchObject({ code: 'pull_cancelled' })));
  await expect.poll(() => daemon.pulls).toEqual([image]);
  expect(await runtime.cancelPull(image)).toBe(true);
  await refusals;
  await expect.poll(() => daemon.pulls).toEqual([image, 'closed']);
  expect(told.at(-1)).toMatchObject({ status: 'cancelled', code: 'pull_cancelled' });
  const again = runtime.pull(image, { signal });
  await expect.poll(() => daemon.pulls).toHaveLength(3);
  daemon.goOn();
  await again;
  expect(told.at(-1)).toMatchObject({ status: 'done' });
});

it.each([
  [{ error: 'toomanyrequests: rate limit' }, 'registry_limited'],
  [{ error: 'Get "https://x/v2/": dial tcp: i/o timeout' }, 'registry_unreachable'],
  [{ error: 'manifest for x not found: manifest unknown' }, 'image_missing'],
  [{ error: 'no matching manifest for linux/arm64 in the manifest list entries' }, 'wrong_platform'],
])('a pull that fails with %o says why by its code', async (message, code) => {
  await using daemon = await pullingDaemon();
  const runtime = runtimeAt(daemon);
  const pull = runtime.pull(image, { signal });
  await expect.poll(() => daemon.pulls).toHaveLength(1);
  daemon.goOn(message);
  await expect(pull).rejects.toMatchObject({ code });
  expect((await runtime.image(undefined, { signal })).pull).toMatchObject({ status: 'failed', code });
});
