import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTools, spawnRegistry } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { dockerEngines } from './docker-engines.ts';
import { EventReader } from './event-reader.ts';
import { eventually } from './eventually.ts';
import { meteringRelay } from './metering-relay.ts';
import { Player } from './player.ts';
import { publishedImage } from './published-image.ts';
import { channel } from './serve.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';
import { slowRegistry } from './slow-registry.ts';

const layerBytes = 30_000_000;

interface Engine {
  readonly container_id: string;
  readonly ready: boolean;
  readonly outdated: { readonly reason: string } | null;
}

/** The server's answer, with its status. */
async function ask(server: ServerProcess, path: string, method = 'GET', body?: unknown): Promise<unknown> {
  const answer = await fetch(server.origin + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function engines(server: ServerProcess): Promise<readonly Engine[]> {
  return (await (await fetch(`${server.origin}/engines`)).json()) as Engine[];
}

function ready(server: ServerProcess, count: number): Promise<readonly Engine[]> {
  return eventually(async () => {
    const all = await engines(server);
    return all.length === count && all.every((engine) => engine.ready) && all;
  }, 60_000);
}

const noEngines = { AUTH: 'off', MIN_REPLICAS: '0', MIN_FREE_REPLICAS: '0' };

const tools = ['docker', 'docker-registry', 'ldd', 'tar'] as const;

describeWithTools(describe, tools, 'an image at a registry', () => {
  it('that is a newer one is reported, pulled with progress, and rolled out under a stream that never runs dry', async () => {
    await using registry = await spawnRegistry();
    await using installation = await dockerEngines({ ports: '19350-19399' });
    await using image = await publishedImage(installation, {
      registry: registry.host,
      base: installation.env['ENGINE_IMAGE'],
    });
    await using server = await spawnServer({ ...installation.env, ENGINE_IMAGE: image.name, AUTH: 'off' });
    using feed = new EventReader(`${server.origin}/live`);
    await using relay = await meteringRelay(server.origin);
    using player = new Player(`${relay.origin}/ace/getstream?id=${channel(1)}`);
    await player.more(188 * 100, 60_000);
    const before = (await ready(server, 2)).map(({ container_id }) => container_id);
    expect(await ask(server, '/images/check', 'POST')).toMatchObject({ status: 200, body: { newer: false } });

    await image.publishNewer(layerBytes);
    expect(await ask(server, '/images/check', 'POST')).toMatchObject({
      status: 200,
      body: { image: image.name, configured: true, newer: true, check: { error: null } },
    });
    expect(await ask(server, '/orchestrator/status')).toMatchObject({ body: { newer_images: [image.name] } });
    await feed.next('event', ({ category }) => category === 'newer_image');
    expect((await engines(server)).map(({ outdated }) => outdated)).toEqual([null, null]);

    expect(await ask(server, '/images/pull', 'POST')).toMatchObject({ status: 202 });
    const { data: pulled } = await feed.next('pull', ({ done }) => done, 60_000);
    expect(pulled).toMatchObject({ image: image.name, status: 'done', error: null });
    expect(pulled.layers_done).toBe(pulled.layers);
    // Random bytes do not get smaller on their way.
    expect(pulled.bytes).toBeGreaterThanOrEqual(layerBytes);
    expect(await ask(server, '/images')).toMatchObject({ body: [{ image: image.name, newer: false }] });
    await feed.next('status', ({ newer_images, engines: { outdated } }) => newer_images.length === 0 && outdated === 2);
    expect((await engines(server)).map(({ outdated }) => outdated?.reason)).toEqual(['image', 'image']);
    await feed.next('event', ({ category }) => category === 'outdated');

    expect(relay.passages).toHaveLength(1);
    for (const { meter } of relay.passages) meter.resetMinimum();
    expect(await ask(server, '/custom-variant/reprovision', 'POST')).toMatchObject({ status: 200 });
    await eventually(async () => {
      const status = (await ask(server, '/custom-variant/reprovision/status')) as { body: { in_progress: boolean } };
      return !status.body.in_progress;
    }, 90_000);
    const after = await ready(server, 2);
    expect(after.filter(({ container_id }) => before.includes(container_id))).toEqual([]);
    expect(after.map(({ outdated }) => outdated)).toEqual([null, null]);
    await player.more(188 * 2_000, 30_000);
    for (const { meter, endedByServer } of relay.passages) {
      expect(endedByServer).toBe(false);
      expect(meter.finish(performance.now())).toBeGreaterThan(0);
      expect(meter.jumps).toBe(0);
    }
  });

  it('that is missing, locked or away is an error with a code of its own', async () => {
    await using open = await spawnRegistry();
    await using locked = await spawnRegistry({ locked: true });
    await using installation = await dockerEngines({ ports: '19300-19349' });
    await using image = await publishedImage(installation, { registry: open.host });
    await using server = await spawnServer({ ...installation.env, ...noEngines, ENGINE_IMAGE: image.name });
    const check = (name: string): Promise<unknown> => ask(server, '/images/check', 'POST', { image: name });
    expect(await check(`${open.host}/nothing:here`)).toMatchObject({
      status: 502,
      body: { error: { code: 'image_missing' } },
    });
    expect(await check(`${locked.host}/engine:1`)).toMatchObject({
      status: 502,
      body: { error: { code: 'registry_denied' } },
    });
    await open.stop();
    expect(await check(image.name)).toMatchObject({ status: 502, body: { error: { code: 'registry_unreachable' } } });
    expect(await ask(server, '/images')).toMatchObject({
      body: [{ image: image.name, present: true, newer: null, check: { error: { code: 'registry_unreachable' } } }],
    });
    await ask(server, '/images/pull', 'POST');
    const failed = await eventually(async () => {
      const { body } = (await ask(server, '/images')) as { body: { pull: { status: string; code: string } }[] };
      return body[0]?.pull.status === 'failed' && body[0].pull;
    }, 30_000);
    expect(failed.code).toBe('registry_unreachable');
  });

  it('behind a login is made into engines with the one that docker keeps, which nobody gets to see', async () => {
    await using locked = await spawnRegistry({ locked: true });
    await using installation = await dockerEngines({ ports: '19200-19249' });
    const folder = await mkdtemp(join(tmpdir(), 'docker-config-'));
    const { username, password } = locked.login;
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [locked.host]: { auth } } }));
    const published = { registry: locked.host, base: installation.env['ENGINE_IMAGE'] };
    await using image = await publishedImage(
      { docker: (...args) => installation.docker('--config', folder, ...args) },
      published,
    );
    await installation.docker('rmi', image.name);
    const config = join(folder, 'config.json');
    await rename(config, `${config}.away`);
    await using server = await spawnServer({
      ...installation.env,
      ...noEngines,
      ENGINE_IMAGE: image.name,
      LOG_LEVEL: 'trace',
      DOCKER_CONFIG: folder,
    });
    using feed = new EventReader(`${server.origin}/live`);
    const made = (): Promise<unknown> => ask(server, '/provision/acestream', 'POST', {});
    expect(await made()).toMatchObject({
      status: 503,
      body: { error: { message: expect.stringMatching(/no login for 127\.0\.0\.1:\d+ was found \(DOCKER_CONFIG\)/) } },
    });
    await rename(`${config}.away`, config);
    await ask(server, '/health/circuit-breaker/reset', 'POST');
    expect(await made()).toMatchObject({ status: 200 });
    await ready(server, 1);
    expect(await ask(server, '/images/check', 'POST')).toMatchObject({ status: 200, body: { newer: false } });
    const { data } = await feed.next('pull', ({ status }) => status === 'done', 30_000);
    const shown = [
      server.output(),
      JSON.stringify(data),
      ...(await Promise.all(
        ['/events', '/images', '/settings', '/settings/export', '/orchestrator/status'].map((path) =>
          ask(server, path).then(JSON.stringify),
        ),
      )),
    ].join();
    expect(shown).toContain(image.name);
    for (const secret of [password, auth]) expect(shown).not.toContain(secret);
    await rm(folder, { recursive: true });
  });

  it('that takes too long is no longer pulled once somebody says so', async () => {
    await using registry = await spawnRegistry();
    await using slow = await slowRegistry(registry.host);
    await using installation = await dockerEngines({ ports: '19250-19299' });
    await using image = await publishedImage(installation, { registry: registry.host });
    await image.publishNewer(layerBytes);
    const name = image.name.replace(registry.host, slow.host);
    await using server = await spawnServer({ ...installation.env, ...noEngines, ENGINE_IMAGE: name });
    using feed = new EventReader(`${server.origin}/live`);
    expect(await ask(server, '/images/pull', 'POST')).toMatchObject({
      body: { present: false, pull: { status: 'pulling' } },
    });
    const { data } = await feed.next('pull', ({ bytes }) => bytes > 0, 60_000);
    expect(data.total_bytes).toBeGreaterThan(data.bytes);
    expect(slow.downloads).toBeGreaterThan(0);
    expect(await ask(server, '/images/pull', 'DELETE')).toMatchObject({
      status: 200,
      body: { present: false, pull: { status: 'cancelled' } },
    });
    // The daemon itself has given up.
    await eventually(() => slow.downloads === 0, 30_000);
  });
});
