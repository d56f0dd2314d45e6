import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeWithTools,
  type RegistryProcess,
  runProcess,
  simulatorImage,
  spawnRegistry,
} from '@acestream-orchestrator/engine-simulator/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aceProbe } from '../src/ace/index.ts';
import {
  type ContainerSpec,
  type DockerRuntime,
  type DockerRuntimeOptions,
  dockerRuntime,
  type PullProgress,
} from '../src/docker/index.ts';
import { EngineOrchestrator } from '../src/index.ts';
import { type OwnPodman, ownPodman } from './support/own-podman.ts';
import { simulatorSpec } from './support/simulator-spec.ts';

const { signal } = new AbortController();
/** Ports that no other test and no installation here uses. */
const ports = { from: 19_150, to: 19_199 };

describeWithTools(describe, ['docker', 'docker-registry', 'ldd', 'podman', 'tar'], 'on Podman', () => {
  let own: OwnPodman;
  let registry: RegistryProcess;
  let spec: ContainerSpec;
  let instance: string;

  beforeAll(async () => {
    const image = await simulatorImage();
    registry = await spawnRegistry();
    const folder = await mkdtemp(join(tmpdir(), 'podman-image-'));
    const archive = join(folder, 'image.tar');
    await runProcess('docker', ['save', '-o', archive, image]);
    own = await ownPodman({ archive, registry: registry.host });
    await rm(folder, { recursive: true });
    spec = simulatorSpec(`localhost/${image}`);
  }, 120_000);

  afterEach(async () => {
    await own.clear();
  });

  afterAll(async () => {
    await own?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  }, 60_000);

  function runtime(options: Partial<DockerRuntimeOptions> = {}): DockerRuntime {
    instance = `test-${randomBytes(4).toString('hex')}`;
    const connection = { kind: 'unix', socketPath: own.socketPath } as const;
    return dockerRuntime({ instance, name: 'pod', spec, ports, connection, network: own.network, ...options });
  }

  const probe = aceProbe();
  async function answers(engine: { host: string; port: number }): Promise<void> {
    await expect
      .poll(async () => probe({ ...engine, id: '', name: '', labels: {}, forwarded: false }, { signal }), {
        timeout: 20_000,
        interval: 100,
      })
      .toMatchObject({ ok: true });
  }

  async function lines(pool: DockerRuntime, id: string, options: object): Promise<readonly string[]> {
    const all: string[] = [];
    for await (const { text } of pool.logs(id, { signal, ...options })) all.push(text);
    return all;
  }

  it('an engine is made, answers, is measured, speaks, stops, starts again and goes without a trace', async () => {
    const pool = runtime({ spec: { ...spec, cache: { kind: 'volume', path: '/cache' }, memoryBytes: 512e6, cpus: 1 } });
    const engine = await pool.create({ labels: { mine: 'yes' }, env: { SOME: 'thing' } }, { signal });
    expect(engine).toMatchObject({ running: true, labels: { mine: 'yes' } });
    expect(engine.outdated).toBeUndefined();
    await answers(engine);
    const stats = (await pool.stats([engine.id], { signal })).get(engine.id);
    expect(stats).toMatchObject({ memoryLimitBytes: 512e6 });
    expect(stats?.memoryUsageBytes).toBeGreaterThan(1e6);
    // Of its two processors it may use one.
    expect(stats?.cpuPercent).toBeLessThan(250);
    expect(stats?.networkReceivedBytes).toBeGreaterThan(0);
    expect(await pool.inspect(engine.name, { signal })).toMatchObject({
      Id: engine.id,
      HostConfig: { NanoCpus: 1e9, RestartPolicy: { Name: 'no' } },
    });
    expect(await own.podman('inspect', '-f', '{{.HostConfig.LogConfig.Size}}', engine.id)).toBe('10MB');

    const listening = `listening on http://0.0.0.0:${engine.port}`;
    const all = await lines(pool, engine.id, {});
    expect(all).toContain(listening);
    expect(await lines(pool, engine.id, { tail: 1 })).toEqual(all.slice(-1));
    expect(await lines(pool, engine.id, { since: Date.now() + 5_000 })).toEqual([]);
    const leaving = new AbortController();
    const followed: string[] = [];
    const following = (async () => {
      for await (const { text } of pool.logs(engine.id, { signal: leaving.signal, follow: true })) followed.push(text);
    })();
    await expect.poll(() => followed).toContain(listening);
    leaving.abort(new Error('enough'));
    await expect(following).rejects.toThrow('enough');

    await pool.stop(engine.id, { signal, graceMs: 2_000 });
    await pool.stop(engine.id, { signal, graceMs: 2_000 });
    expect((await pool.list({ signal }))[0]?.running).toBe(false);
    await pool.start(engine.id, { signal });
    const [again] = await pool.list({ signal });
    expect(again?.startedAt).toBeGreaterThan(engine.startedAt ?? 0);
    await answers(again ?? engine);
    expect(await own.podman('volume', 'ls', '-q')).not.toBe('');
    await pool.remove(engine.id, { signal });
    await pool.remove(engine.id, { signal });
    expect(await pool.list({ signal })).toEqual([]);
    expect(await own.podman('volume', 'ls', '-q')).toBe('');
  }, 60_000);

  it('an engine that is killed is known at once from an event, and made anew', async () => {
    const pool = runtime();
    const following = new AbortController();
    const seen: string[] = [];
    const followed = (async () => {
      for await (const { type, engineId } of pool.events({ signal: following.signal }))
        seen.push(`${type} ${engineId}`);
    })();
    await expect.poll(() => seen).toEqual(['changed ']);
    const orchestrator = new EngineOrchestrator({ runtime: pool, probe, minReplicas: 1, freeReplicas: 0 });
    await orchestrator.start();
    await expect.poll(() => orchestrator.capacity().total, { timeout: 30_000 }).toBe(3);
    const [{ id } = { id: '' }] = orchestrator.engines();
    await own.podman('kill', id);
    // Listings alone would see it in two minutes.
    await expect
      .poll(() => orchestrator.engines().map((engine) => [engine.id === id, engine.ready]), { timeout: 30_000 })
      .toEqual([[false, true]]);
    expect(seen.filter((event) => event.endsWith(id))).toEqual([
      `created ${id}`,
      `started ${id}`,
      `stopped ${id}`,
      `removed ${id}`,
    ]);
    following.abort();
    await followed;
    await orchestrator.close({ engines: 'remove' });
    await pool.close();
  }, 60_000);

  it('engines live in the network of a VPN container, and lose it when that is restarted', async () => {
    const vpn = await own.podman(
      ...['run', '-d', '--name', 'vpn', '--network', own.network, spec.image],
      ...['/acestream/acestreamengine', '--bind-all', '--http-port', '6878'],
    );
    const pool = runtime({ network: 'container:vpn' });
    const engines = [await pool.create({}, { signal }), await pool.create({}, { signal })];
    for (const engine of engines) await answers(engine);
    expect(new Set(engines.map(({ port }) => port)).size).toBe(2);
    const [listed] = await pool.list({ signal });
    expect(listed).toMatchObject({ sharesNetworkOf: 'vpn' });
    expect(listed?.outdated).toBeUndefined();
    expect(await pool.inspect(listed?.id ?? '', { signal })).toMatchObject({
      HostConfig: { NetworkMode: `container:${vpn}` },
    });
    // Ports of another installation in that network are not taken again.
    const other = await runtime({ network: 'container:vpn' }).create({}, { signal });
    expect(engines.map(({ port }) => port)).not.toContain(other.port);
    await own.podman('restart', '-t', '0', 'vpn');
    expect((await pool.list({ signal }))[0]?.outdated).toMatchObject({ reason: 'network' });
  }, 60_000);

  it('an image of a registry is pulled, and a newer one makes engines outdated', async () => {
    const image = `${registry.host}/engine:live`;
    await own.podman('tag', spec.image, image);
    const told: PullProgress[] = [];
    const pool = runtime({ spec: { ...spec, image }, onPull: (progress) => told.push(progress) });
    await pool.create({}, { signal });
    await expect(pool.checkImage(undefined, { signal })).rejects.toMatchObject({ code: 'check_unsupported' });

    const folder = await mkdtemp(join(tmpdir(), 'podman-newer-'));
    await writeFile(join(folder, 'payload'), randomBytes(1_000_000));
    await writeFile(join(folder, 'Dockerfile'), `FROM scratch\nCOPY payload /payload\n`);
    await own.podman('build', '-q', '-t', `${registry.host}/engine:next`, folder);
    await rm(folder, { recursive: true });
    await own.podman('push', '-q', `${registry.host}/engine:next`, image);
    await own.podman('rmi', `${registry.host}/engine:next`);
    expect((await pool.list({ signal }))[0]?.outdated).toBeUndefined();

    await pool.pull(image, { signal });
    expect(told.at(-1)).toMatchObject({ status: 'done', layers: expect.any(Number) });
    expect(told.at(-1)?.layersDone).toBe(told.at(-1)?.layers);
    expect((await pool.list({ signal }))[0]?.outdated).toMatchObject({ reason: 'image' });
    const missing = pool.pull(`${registry.host}/nothing:here`, { signal });
    await expect(missing).rejects.toMatchObject({ code: 'image_missing' });
  }, 60_000);

  it('names and ports that others have are passed over, and what cannot be is said in words', async () => {
    const command = ['/bin/node', '-e', 'setInterval(() => {}, 1000)'];
    await own.podman(
      'run',
      '-d',
      '--name',
      'pod-1',
      '--network',
      own.network,
      '-p',
      `127.0.0.1:${ports.from}:80`,
      spec.image,
      ...command,
    );
    const made = await runtime().create({}, { signal });
    expect(made.name).toBe('pod-2');
    expect(made.port).not.toBe(ports.from);
    const nowhere = runtime({ network: 'nowhere' }).create({}, { signal });
    await expect(nowhere).rejects.toMatchObject({ code: 'network_missing' });
    const without = runtime({ spec: { ...spec, command: ['/nothing'] } }).create({}, { signal });
    await expect(without).rejects.toMatchObject({ code: 'start_failed' });
  }, 60_000);
});
