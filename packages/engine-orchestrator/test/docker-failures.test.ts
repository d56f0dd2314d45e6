import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daemonError } from '../src/docker/daemon-answer.ts';
import { type DockerError, type DockerRuntime, type DockerRuntimeOptions, dockerRuntime } from '../src/docker/index.ts';
import { fakeClock } from '../src/testing.ts';
import { fakeDaemon } from './support/fake-daemon.ts';

const { signal } = new AbortController();
const spec = { image: 'some/image:1', ports: { http: {}, api: { for: 'inside' } } } as const;

function runtimeAt(socketPath: string, options: Partial<DockerRuntimeOptions> = {}): DockerRuntime {
  return dockerRuntime({ instance: 'test', spec, connection: { kind: 'unix', socketPath }, ...options });
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('It did not fail'),
    (error: unknown) => error,
  );
}

/** A port of this machine that something listens at. */
async function occupy(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

/** So many ports in a row that nothing on this machine listens at. */
async function freePorts(count: number): Promise<{ from: number; to: number }> {
  for (;;) {
    const from = 20_000 + Math.floor(Math.random() * 10_000);
    const servers = await Promise.allSettled(Array.from({ length: count }, (_, index) => occupy(from + index)));
    for (const server of servers) if (server.status === 'fulfilled') server.value.close();
    if (servers.every(({ status }) => status === 'fulfilled')) return { from, to: from + count - 1 };
  }
}

it('a daemon that is not there is named, with where it should be', async () => {
  const runtime = runtimeAt('/tmp/there-is-no-docker.sock');
  expect(await failure(runtime.list({ signal }))).toMatchObject({
    code: 'daemon_unreachable',
    unavailable: true,
    retryable: true,
    message: expect.stringContaining('no socket at /tmp/there-is-no-docker.sock'),
  });
});

it('a connection is what it was told to be, whatever the environment says', async () => {
  await using daemon = await fakeDaemon();
  const env = { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' };
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  try {
    expect(await runtimeAt(daemon.socketPath).list({ signal })).toEqual([]);
    expect(process.env['DOCKER_HOST']).toBe(env.DOCKER_HOST);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

it('a daemon that went away and came back is found again, and nothing is lost', async () => {
  await using daemon = await fakeDaemon();
  const runtime = runtimeAt(daemon.socketPath);
  const made = await runtime.create({}, { signal });
  await daemon.stop();
  expect(await failure(runtime.list({ signal }))).toMatchObject({ unavailable: true });
  expect(await failure(runtime.create({}, { signal }))).toMatchObject({ unavailable: true });
  await daemon.start();
  expect((await runtime.list({ signal })).map(({ id, port }) => [id, port])).toEqual([[made.id, made.port]]);
  expect((await runtime.create({}, { signal })).port).not.toBe(made.port);
});

it('what redirects is no daemon, and is not followed', async () => {
  const asked: string[] = [];
  const elsewhere = createHttpServer((request) => void asked.push(request.url ?? ''));
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const { port } = elsewhere.address() as { port: number };
  for (const location of [`http://127.0.0.1:${port}/info`, 'http://nowhere.invalid/', '/json', 'ftp://x/']) {
    await using daemon = await fakeDaemon({
      'GET /info': ({ response }) => void response.writeHead(301, { location }).end('moved'),
    });
    expect(await failure(runtimeAt(daemon.socketPath).list({ signal }))).toMatchObject({
      code: 'daemon_unreachable',
      message: expect.stringContaining('redirects, as no Docker daemon does'),
    });
  }
  expect(asked).toEqual([]);
  elsewhere.close();
});

it.each(['..', '.', '-rm', 'a/b', '%2e%2e', ''])('"%s" names no container, and Docker is not asked', async (name) => {
  await using daemon = await fakeDaemon();
  const runtime = runtimeAt(daemon.socketPath);
  expect(await runtime.inspect(name, { signal })).toBeUndefined();
  await runtime.remove(name, { signal });
  await runtime.stop(name, { signal, graceMs: 0 });
  expect(daemon.calls).toEqual([]);
});

it.each(['http://x/y', 'a//b', '../b', 'a b', '-rm'])('"%s" is no image to make containers from', (image) => {
  expect(() => runtimeAt('/nowhere', { spec: { ...spec, image } })).toThrow(TypeError);
});

it('a network cannot be a path', () => {
  for (const network of ['container:..', '..', 'a/b']) expect(() => runtimeAt('/x', { network })).toThrow(TypeError);
});

it('a daemon that never answers is given up, and a caller that leaves is not kept', async () => {
  await using daemon = await fakeDaemon({ 'GET /info': () => undefined });
  expect(await failure(runtimeAt(daemon.socketPath, { timeoutMs: 100 }).list({ signal }))).toMatchObject({
    code: 'daemon_timeout',
    unavailable: true,
    message: expect.stringContaining('within 100 ms'),
  });
  const leaving = new AbortController();
  const list = failure(runtimeAt(daemon.socketPath).list({ signal: leaving.signal }));
  leaving.abort(new Error('left'));
  expect(await list).toMatchObject({ message: 'left' });
});

describe('a socket that may not be opened is explained with uid, gid and the line that mends it', () => {
  async function explain(mode: number, gid?: number): Promise<DockerError> {
    const folder = await mkdtemp(join(tmpdir(), 'docker-socket-'));
    const socketPath = join(folder, 'docker.sock');
    await writeFile(socketPath, '');
    await chmod(socketPath, mode);
    if (gid !== undefined) await chown(socketPath, 0, gid);
    const denied = Object.assign(new Error('connect EACCES'), { code: 'EACCES' });
    const error = await daemonError(denied, 'list the engines', { kind: 'unix', socketPath });
    await rm(folder, { recursive: true });
    expect(error).toMatchObject({
      code: 'daemon_forbidden',
      unavailable: true,
      retryable: false,
      option: 'connection',
    });
    expect(error.message).toContain(`uid ${process.getuid?.()}, gid ${process.getgid?.()}`);
    return error;
  }

  it('for its owner alone', async () => {
    const { message } = await explain(0o600);
    expect(message).toContain(`sudo chown root:${process.getgid?.()} `);
    expect(message).toContain('sudo chmod g+rw ');
  });

  // Only root may give a file to any group.
  it.skipIf(process.getuid?.() !== 0)('for a group', async () => {
    const { message } = await explain(0o660, 12_345);
    expect(message).toContain('gid 12345 (mode 660)');
    expect(message).toContain('`group_add: ["12345"]`');
    expect(message).toContain('`--group-add 12345`');
    expect(message).not.toContain('chown');
  });
});

it('the next free name is tried when somebody has taken one meanwhile', async () => {
  let conflicts = 2;
  await using daemon = await fakeDaemon();
  const names: string[] = [];
  daemon.answer({
    'POST /containers/create': ({ query }) => {
      names.push(query.get('name') ?? '');
      return conflicts-- > 0
        ? [409, { message: `Conflict. The container name "/${names.at(-1)}" is already in use by container "x"` }]
        : [201, { Id: '1'.repeat(64) }];
    },
    'POST /containers/:id/start': () => [204, undefined],
    'GET /containers/json': ({ query }) => {
      if (query.has('filters')) return [engineSummary('1'.repeat(64))];
      return names.map((name) => ({ Id: name, Names: [`/${name}`], Labels: {}, Ports: [] }));
    },
    'GET /containers/:id/json': () => ({
      Id: '1'.repeat(64),
      Config: { Labels: { 'ondemand.app': 'test' } },
      State: { Running: true, StartedAt: '2026-01-01T00:00:00Z' },
    }),
  });
  await runtimeAt(daemon.socketPath, { name: 'acestream' }).create({}, { signal });
  expect(names).toEqual(['acestream-1', 'acestream-2', 'acestream-3']);
});

function engineSummary(id: string): object {
  const labels = { 'ondemand.app': 'test', 'ondemand.role': 'engine', 'acestream.port': '19000' };
  return {
    Id: id,
    Names: ['/acestream-3'],
    Image: 'some/image:1',
    Labels: labels,
    State: 'running',
    Created: 1,
    Ports: [],
    HostConfig: { NetworkMode: 'bridge' },
    NetworkSettings: { Networks: {} },
  };
}

it('a port that Docker finds taken is passed over, and nothing of the first try is left', async () => {
  await using daemon = await fakeDaemon();
  const ports = await freePorts(4);
  let refusals = 1;
  const started: string[] = [];
  daemon.answer({
    'POST /containers/:id/start': ({ route }) => {
      started.push(route);
      return refusals-- > 0
        ? [500, { message: `driver failed: Bind for 127.0.0.1:${ports.from} failed: port is already allocated` }]
        : 'as usual';
    },
  });
  const runtime = runtimeAt(daemon.socketPath, { ports });
  await runtime.create({}, { signal }).catch(() => {});
  expect(started).toHaveLength(2);
  const left = await runtime.containers({ signal });
  expect(left).toHaveLength(1);
  expect(left[0]?.labels).toMatchObject({
    'engine.http_port': `${ports.from + 1}`,
    'engine.api_port': `${ports.from + 2}`,
  });
});

it('a port that another program listens at is passed over before Docker is asked', async () => {
  await using daemon = await fakeDaemon();
  const other = await occupy(0);
  const { port } = other.address() as { port: number };
  const runtime = runtimeAt(daemon.socketPath, { ports: { from: port, to: port + 20 } });
  await runtime.create({}, { signal });
  const [container] = await runtime.containers({ signal });
  expect(Number(container?.labels['engine.http_port'])).toBeGreaterThan(port);
  other.close();
});

it('a port that was asked for and is taken is an error', async () => {
  await using daemon = await fakeDaemon();
  const runtime = runtimeAt(daemon.socketPath);
  await runtime.create({ port: 19_500 }, { signal });
  expect(await failure(runtime.create({ port: 19_500 }, { signal }))).toMatchObject({ code: 'port_taken' });
  expect(await runtime.containers({ signal })).toHaveLength(1);
});

it.each([
  ['an image for another processor', 400, 'OCI runtime create failed: exec format error: unknown', 'wrong_platform'],
  ['a network that does not exist', 404, 'network media not found', 'network_missing'],
  [
    'a VPN container that stopped meanwhile',
    409,
    'cannot join network of a non running container: ab',
    'network_container_down',
  ],
  ['a disk that is full', 500, 'mkdir /var/lib/docker/overlay2/x: no space left on device', 'start_failed'],
  ['a program that is not in the image', 400, 'exec: "/nothing": no such file or directory', 'start_failed'],
])('%s is said in words, and nothing is left', async (_title, status, message, code) => {
  await using daemon = await fakeDaemon({ 'POST /containers/:id/start': () => [status, { message }] });
  const runtime = runtimeAt(daemon.socketPath, { ports: await freePorts(2) });
  for (let round = 0; round < 3; round++) {
    expect(await failure(runtime.create({}, { signal }))).toMatchObject({ code, name: 'DockerError' });
  }
  expect(await runtime.containers({ signal })).toEqual([]);
  daemon.answer({ 'POST /containers/:id/start': () => 'as usual' });
  // Both ports and the first name are free again.
  await runtime.create({}, { signal });
  expect((await runtime.containers({ signal })).map(({ name }) => name)).toEqual(['engine-1']);
});

it.each([
  ['before it starts', (id: string) => [404, { message: `No such container: ${id}` }]],
  ['as it starts', () => [409, { message: 'container is marked for removal and cannot be started' }]],
])('a container that somebody removes %s is no fault of a network, and leaves nothing', async (_title, answer) => {
  await using daemon = await fakeDaemon();
  daemon.answer({ 'POST /containers/:id/start': ({ route }) => answer(route.split('/')[2] ?? '') });
  const runtime = runtimeAt(daemon.socketPath, { ports: await freePorts(2) });
  expect(await failure(runtime.create({}, { signal }))).toMatchObject({
    code: 'start_failed',
    retryable: true,
    blocks: 'general_error',
    message: 'Somebody removed engine-1 while it was being made',
  });
  expect(await runtime.containers({ signal })).toEqual([]);
  daemon.answer({ 'POST /containers/:id/start': () => 'as usual' });
  await runtime.create({}, { signal });
  expect((await runtime.containers({ signal })).map(({ name }) => name)).toEqual(['engine-1']);
});

it('a daemon that makes a container after it was given up leaves one that is seen, and removed with its ports', async () => {
  await using daemon = await fakeDaemon();
  const clock = fakeClock();
  const ports = await freePorts(4);
  const { promise: stopped, resolve: goOn } = Promise.withResolvers<void>();
  daemon.answer({
    'POST /containers/create': async () => {
      await stopped;
      return 'as usual';
    },
  });
  const runtime = runtimeAt(daemon.socketPath, { ports, clock });
  const made = failure(runtime.create({}, { signal }));
  await expect.poll(() => daemon.calls).toContain('POST /containers/create');
  await clock.advance(60_000);
  expect(await made).toMatchObject({ code: 'daemon_timeout', unavailable: true });
  goOn();
  const late = await expect
    .poll(() => runtime.list({ signal }))
    .toMatchObject([{ name: 'engine-1', running: false }])
    .then(() => runtime.list({ signal }));
  // Its ports are its own until it is gone.
  daemon.answer({ 'POST /containers/create': () => 'as usual' });
  const second = await runtime.create({}, { signal });
  expect(second.port).toBe(ports.from + 2);
  await runtime.remove(late[0]?.id ?? '', { signal });
  const third = await runtime.create({}, { signal });
  expect(third).toMatchObject({ name: 'engine-1', port: ports.from });
});

it('a caller that leaves while a container is made leaves nothing behind', async () => {
  await using daemon = await fakeDaemon();
  const leaving = new AbortController();
  daemon.answer({
    'POST /containers/:id/start': async () => {
      leaving.abort(new Error('left'));
      return 'as usual';
    },
  });
  const runtime = runtimeAt(daemon.socketPath, { ports: await freePorts(2) });
  expect(await failure(runtime.create({}, { signal: leaving.signal }))).toMatchObject({ message: 'left' });
  expect(await runtime.containers({ signal })).toEqual([]);
  daemon.answer({ 'POST /containers/:id/start': () => 'as usual' });
  await runtime.create({}, { signal });
});

it('a full range says so, and names the option', async () => {
  await using daemon = await fakeDaemon();
  const runtime = runtimeAt(daemon.socketPath, { ports: { from: 19_200, to: 19_202 } });
  await runtime.create({}, { signal });
  expect(await failure(runtime.create({}, { signal }))).toMatchObject({ code: 'ports_exhausted', option: 'ports' });
});

it('ports are known again after a restart of this process, from the labels', async () => {
  await using daemon = await fakeDaemon();
  const before = runtimeAt(daemon.socketPath, { ports: { from: 19_300, to: 19_303 } });
  await before.create({}, { signal });
  const after = runtimeAt(daemon.socketPath, { ports: { from: 19_300, to: 19_303 } });
  await after.list({ signal });
  await after.create({}, { signal });
  const ports = (await after.containers({ signal })).map(({ labels }) => labels['engine.http_port']);
  expect(ports).toEqual(['19300', '19302']);
});

it('containers of others are never touched, whatever name or id is given', async () => {
  await using daemon = await fakeDaemon();
  const theirs = runtimeAt(daemon.socketPath, { instance: 'theirs' });
  const { id } = await theirs.create({}, { signal });
  const ours = runtimeAt(daemon.socketPath);
  await ours.stop(id, { signal, graceMs: 0 });
  await ours.remove(id, { signal });
  await ours.remove('engine-1', { signal });
  expect(await ours.inspect(id, { signal })).toBeUndefined();
  expect(await failure(ours.start(id, { signal }))).toMatchObject({ code: 'unknown_container' });
  expect(await failure(ours.logs(id, { signal })[Symbol.asyncIterator]().next())).toMatchObject({
    code: 'unknown_container',
  });
  expect(daemon.calls.filter((call) => /POST.*(stop|start)|DELETE/.test(call))).toEqual([
    `POST /containers/${id}/start`,
  ]);
});

it('an image is pulled once, however many wait for it, and says how far it is', async () => {
  await using daemon = await fakeDaemon();
  let present = false;
  const pulls: string[] = [];
  daemon.answer({
    'GET /images/:id/json': () =>
      present ? { Id: 'sha256:1', Architecture: 'amd64', Size: 1, Created: '' } : [404, { message: 'No such image' }],
    'POST /images/create': ({ query, response }) => {
      pulls.push(query.get('fromImage') ?? '');
      response.writeHead(200);
      response.write('{"status":"Pulling fs layer","id":"a"}\n{"status":"Downloading","id":"a","progressDetail":');
      setTimeout(() => {
        present = true;
        response.end('{"current":5,"total":10}}\n{"status":"Pull complete","id":"a"}\n');
      }, 50);
      return undefined;
    },
  });
  const seen: string[] = [];
  const runtime = runtimeAt(daemon.socketPath, {
    spec: { ...spec, image: 'some/image' },
    onPull: ({ status, layersDone, layers, bytes, totalBytes }) =>
      seen.push(`${status} ${layersDone}/${layers} ${bytes}/${totalBytes}`),
  });
  await Promise.all([runtime.create({}, { signal }), runtime.create({}, { signal })]);
  expect(pulls).toEqual(['some/image:latest']);
  expect(seen).toEqual(['pulling 0/0 0/0', 'done 1/1 10/10']);
});

it('an image that cannot be had is an error with the registry’s words', async () => {
  await using daemon = await fakeDaemon({
    'GET /images/:id/json': () => [404, { message: 'No such image' }],
    'POST /images/create': () => [404, { message: 'pull access denied for some/image' }],
  });
  const runtime = runtimeAt(daemon.socketPath);
  expect(await failure(runtime.create({}, { signal }))).toMatchObject({
    code: 'image_missing',
    option: 'image',
    message: expect.stringContaining('pull access denied for some/image'),
  });
  expect(await runtime.containers({ signal })).toEqual([]);
});
