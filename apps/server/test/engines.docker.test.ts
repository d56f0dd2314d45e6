import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describeWithTools } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { dockerEngines } from './docker-engines.ts';
import { eventually } from './eventually.ts';
import { meteringRelay } from './metering-relay.ts';
import { ownDaemon } from './own-daemon.ts';
import { Player } from './player.ts';
import { channel } from './serve.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';

const readers = 4;

interface Engine {
  readonly container_id: string;
  readonly container_name: string;
  readonly ready: boolean;
}

interface Stream {
  readonly container_id: string;
  readonly clients: number;
  readonly recoveries: number;
}

async function readJson<Body>({ origin }: ServerProcess, path: string): Promise<Body> {
  return (await (await fetch(origin + path)).json()) as Body;
}

/** Of the answer to a path that is sent as it stands. */
async function statusOf({ origin }: ServerProcess, method: string, path: string): Promise<number> {
  const sent = request({ host: '127.0.0.1', port: new URL(origin).port, method, path, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode ?? 0;
}

/** Waits for so many engines that answer. */
async function ready(server: ServerProcess, count: number): Promise<readonly Engine[]> {
  return eventually(async () => {
    const engines = await readJson<Engine[]>(server, '/engines');
    return engines.filter((engine) => engine.ready).length === count && engines.length === count && engines;
  }, 60_000);
}

describeWithTools(describe, ['docker', 'ldd', 'tar'], 'engines that the server makes in containers', () => {
  it('docker kill of the playing one under four readers: they play on, and the pool is whole again', async () => {
    await using engines = await dockerEngines({ ports: '19600-19649' });
    await using server = await spawnServer({ ...engines.env, AUTH: 'off' });
    // One that plays and one in reserve.
    await using relay = await meteringRelay(server.origin);
    const players = Array.from({ length: readers }, () => new Player(`${relay.origin}/ace/getstream?id=${channel(1)}`));
    await Promise.all(players.map((player) => player.more(188 * 100, 60_000)));
    await ready(server, 2);
    const [before] = await readJson<Stream[]>(server, '/streams?status=started');
    for (const { meter } of relay.passages) meter.resetMinimum();

    await engines.docker('kill', before?.container_id ?? '');
    const after = await eventually(async () => {
      const [stream] = await readJson<Stream[]>(server, '/streams?status=started');
      return stream !== undefined && stream.recoveries > 0 && stream;
    }, 30_000);
    expect(after).toMatchObject({ clients: readers, recoveries: 1 });
    expect(after.container_id).not.toBe(before?.container_id);
    await Promise.all(players.map((player) => player.more(188 * 2_000, 30_000)));
    for (const passage of relay.passages) {
      expect(passage.endedByServer).toBe(false);
      expect(passage.meter.finish(performance.now())).toBeGreaterThan(0);
      expect(passage.meter.jumps).toBe(0);
    }

    const whole = await ready(server, 2);
    expect(whole.map(({ container_id }) => container_id)).not.toContain(before?.container_id);
    // Nothing of the dead one is left: its container is gone, and its ports are free for the next.
    expect(await engines.all()).toHaveLength(2);
    for (const player of players) player[Symbol.dispose]();
  });

  it('kill -9 of the server and a restart: the same containers play again, and no engine is made', async () => {
    await using engines = await dockerEngines({ ports: '19650-19699' });
    const first = await spawnServer({ ...engines.env, AUTH: 'off' });
    {
      await using killed = first;
      using player = new Player(`${killed.origin}/ace/getstream?id=${channel(2)}`);
      await player.more(188 * 100, 60_000);
      await ready(killed, 2);
      killed.child.kill('SIGKILL');
      await killed.exited;
    }
    const before = await engines.running();
    await using second = await spawnServer({ ...engines.env, AUTH: 'off' });
    using player = new Player(`${second.origin}/ace/getstream?id=${channel(2)}`);
    await player.more(188 * 100, 30_000);
    await ready(second, 2);
    expect(await engines.running()).toEqual(before);
  });

  it('shows, finds, reads and removes containers of its own and nobody else’s', async () => {
    await using engines = await dockerEngines({ ports: '19500-19549' });
    await using other = await dockerEngines({ ports: '19550-19599' });
    await using server = await spawnServer({ ...engines.env, AUTH: 'off', MIN_FREE_REPLICAS: '0' });
    const [engine] = await ready(server, 1);
    const id = engine?.container_id ?? '';
    expect(await readJson(server, `/containers/${id}`)).toMatchObject({
      container_id: id,
      container_name: expect.stringMatching(/^acestream-\d+$/),
      status: 'running',
      labels: { 'ondemand.app': engines.instance, 'acestream.engine_variant': 'nano-ace' },
      ports: { '19500/tcp': ['127.0.0.1:19500'] },
    });
    // Docker redirects what is no clean path, to where nobody is. A URL would be cleaned before it is sent.
    for (const name of ['%2e%2e', '%2e', '..%2f..%2finfo']) {
      for (const method of ['GET', 'DELETE']) expect(await statusOf(server, method, `/containers/${name}`)).toBe(404);
    }
    const { logs } = await readJson<{ logs: string }>(server, `/containers/${id}/logs?tail=1&timestamps=true`);
    expect(logs).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z listening on http:\/\/0\.0\.0\.0:19500\n$/);
    expect(await readJson(server, `/by-label?key=acestream.engine_variant&value=nano-ace`)).toMatchObject([
      { container_id: id, status: 'running' },
    ]);
    expect(await readJson(server, '/images')).toMatchObject([
      { image: engines.env['ENGINE_IMAGE'], present: true, pull: null },
    ]);
    expect(await readJson(server, '/custom-variant/platform')).toMatchObject({ platform: expect.any(String) });

    const foreign = await other.docker(
      'run',
      '-d',
      '--label',
      `ondemand.app=${other.instance}`,
      engines.env['ENGINE_IMAGE'] ?? '',
    );
    for (const [method, path] of [
      ['GET', `/containers/${foreign}`],
      ['GET', `/containers/${foreign}/logs`],
      ['GET', `/containers/${foreign}/logs?follow=true`],
      ['DELETE', `/containers/${foreign}`],
    ] as const) {
      const answer = await fetch(server.origin + path, { method });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.json()).toMatchObject({ error: { code: 'container_not_found' } });
    }
    expect((await other.running()).size).toBe(1);

    const made = await fetch(`${server.origin}/provision`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        image: engines.env['ENGINE_IMAGE'],
        labels: { kind: 'extra' },
        ports: { '6878/tcp': null },
      }),
    });
    const extra = (await made.json()) as { container_id: string; host_ports: Record<string, number> };
    expect([made.status, extra]).toEqual([
      200,
      { container_id: expect.any(String), container_name: 'acestream-2', host_ports: { tcp_6878: 19504 } },
    ]);
    expect((await readJson<Engine[]>(server, '/engines')).map(({ container_id }) => container_id)).toEqual([id]);
    const removal = await fetch(`${server.origin}/containers/acestream-2`, { method: 'DELETE' });
    expect(await removal.json()).toEqual({ deleted: true, container_id: extra.container_id });
    expect([...(await engines.running()).values()]).toEqual([id]);
  });

  it('an image of one’s own is checked as a whole, kept, and used from then on', async () => {
    await using engines = await dockerEngines({ ports: '19450-19499' });
    await using server = await spawnServer({ ...engines.env, AUTH: 'off', MIN_FREE_REPLICAS: '0' });
    const [engine] = await ready(server, 1);
    const post = async (body: unknown): Promise<Response> =>
      fetch(`${server.origin}/custom-variant/config`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const bad = await post({
      enabled: true,
      image: 'x',
      parameters: [{ name: '--max-peers', type: 'int', value: 'many' }],
    });
    expect([bad.status, ((await bad.json()) as { error: { message: string } }).error.message]).toEqual([
      400,
      'The parameter --max-peers needs a whole number, not "many".',
    ]);
    expect((await post({ enabled: true, image: 'http://registry.example/engine' })).status).toBe(400);
    expect(await readJson(server, '/custom-variant/config')).toMatchObject({ enabled: false });

    const good = await post({
      enabled: true,
      image: engines.env['ENGINE_IMAGE'],
      command: ['/acestream/acestreamengine', '{flags}', '--seed', '7'],
      memory_limit: '300MB',
    });
    expect(good.status).toBe(200);
    // The idle engine of the old settings makes room for one of the new.
    const next = await eventually(async () => {
      const [now] = await readJson<Engine[]>(server, '/engines');
      return now?.ready === true && now.container_id !== engine?.container_id && now;
    }, 90_000);
    expect(await readJson(server, `/containers/${next.container_id}`)).toMatchObject({
      labels: { 'acestream.engine_variant': 'custom' },
      memory_limit: 300 * 2 ** 20,
      command: expect.arrayContaining(['--seed', '7']),
    });
  });
});

describeWithTools(describe, ['docker', 'ldd', 'tar'], 'at the end of the server', () => {
  const mounts = { ENGINE_CACHE: 'volume', MIN_REPLICAS: '2', MIN_FREE_REPLICAS: '0', AUTH: 'off' };

  async function stop(server: ServerProcess): Promise<number | null> {
    server.child.kill('SIGTERM');
    return (await server.exited).exitCode;
  }

  it('engines are kept unless they are to be removed, those that are only being made included', async () => {
    await using engines = await dockerEngines({ ports: '19150-19199' });
    const volumes = async (): Promise<number> => {
      const ids = await engines.docker('volume', 'ls', '-q', '--filter', `label=ondemand.app=${engines.instance}`);
      return ids.split('\n').filter((id) => id !== '').length;
    };
    await using first = await spawnServer({ ...engines.env, ...mounts });
    const before = await ready(first, 2);
    expect(await stop(first)).toBe(0);
    expect([...(await engines.running()).values()].sort()).toEqual(before.map((each) => each.container_id).sort());

    await using second = await spawnServer({ ...engines.env, ...mounts, ENGINES_ON_EXIT: 'remove' });
    expect((await ready(second, 2)).map((each) => each.container_id)).toEqual(before.map((each) => each.container_id));
    expect(await volumes()).toBe(2);
    expect(await stop(second)).toBe(0);
    expect([await engines.all(), await volumes()]).toEqual([[], 0]);

    for (const afterMs of [0, 150, 300]) {
      await using third = await spawnServer({ ...engines.env, ...mounts, ENGINES_ON_EXIT: 'remove' });
      await eventually(() => third.output().includes('an engine is being made'), 30_000);
      await delay(afterMs);
      expect(await stop(third)).toBe(0);
      expect([await engines.all(), await volumes()]).toEqual([[], 0]);
    }
  });

  it('a cache that lost its engine while no server ran is removed by the next one', async () => {
    await using engines = await dockerEngines({ ports: '19150-19199' });
    const volumes = ['volume', 'ls', '-q', '--filter', `label=ondemand.app=${engines.instance}`];
    await using first = await spawnServer({ ...engines.env, ...mounts });
    await ready(first, 2);
    await stop(first);
    // Without -v, as somebody who cleans up by hand.
    await engines.docker('rm', '-f', ...(await engines.all()));
    const orphans = (await engines.docker(...volumes)).split('\n');
    expect(orphans).toHaveLength(2);
    await using second = await spawnServer({ ...engines.env, ...mounts });
    await ready(second, 2);
    const now = await eventually(async () => {
      const found = (await engines.docker(...volumes)).split('\n');
      return found.length === 2 && found;
    }, 20_000);
    expect(now.filter((id) => orphans.includes(id))).toEqual([]);
  });
});

describeWithTools(
  describe,
  ['docker', 'dockerd', 'ip', 'iptables', 'ldd', 'tar'],
  'a Docker daemon that stands still under a playing stream',
  () => {
    it('costs nobody the stream; who needs a new engine is told when to come back, and gets one afterwards', async () => {
      await using daemon = await ownDaemon({ liveRestore: true });
      await using engines = await dockerEngines({ dockerHost: daemon.host, ports: '19450-19474' });
      const oneEach = { STREAMS_PER_ENGINE: '1', MIN_FREE_REPLICAS: '0', START_TIMEOUT_MS: '3000' };
      await using server = await spawnServer({ ...engines.env, ...oneEach, AUTH: 'off' });
      using first = new Player(`${server.origin}/ace/getstream?id=${channel(3)}`);
      await first.more(188 * 100, 60_000);
      // One more is made as soon as the others are in use.
      const before = await ready(server, 2);
      daemon.standStill();
      using second = new Player(`${server.origin}/ace/getstream?id=${channel(4)}`);
      await second.more(188 * 100, 30_000);
      using third = new Player(`${server.origin}/ace/getstream?id=${channel(5)}`);
      expect(await third.status()).toBe(503);
      expect(performance.now() - third.askedMs).toBeLessThan(15_000);
      expect(await third.json()).toMatchObject({
        error: { code: 'no_capacity', retryable: true, recovery_eta_seconds: expect.any(Number) },
      });
      expect(Number((await third.response).headers['retry-after'])).toBeGreaterThan(0);
      for (const player of [first, second]) await player.more(188 * 1_000, 30_000);
      daemon.goOn();
      const after = await ready(server, 3);
      expect(after.map((each) => each.container_id)).toEqual(
        expect.arrayContaining(before.map((each) => each.container_id)),
      );
      using again = new Player(`${server.origin}/ace/getstream?id=${channel(5)}`);
      await again.more(188 * 100, 60_000);
      // What was asked for while nobody answered is there once.
      await ready(server, 4);
      expect(await engines.all()).toHaveLength(4);
    });
  },
);

describeWithTools(
  describe,
  ['docker', 'dockerd', 'ip', 'iptables', 'ldd', 'tar'],
  'a Docker daemon that is restarted under a playing stream',
  () => {
    it('engines that live on go on playing, and the pool is found again', async () => {
      await using daemon = await ownDaemon({ liveRestore: true });
      await using engines = await dockerEngines({ dockerHost: daemon.host, ports: '19400-19424' });
      await using server = await spawnServer({ ...engines.env, AUTH: 'off' });
      using player = new Player(`${server.origin}/ace/getstream?id=${channel(3)}`);
      await player.more(188 * 100, 60_000);
      await ready(server, 2);
      const before = await engines.running();
      await daemon.stop();
      await player.more(188 * 100, 30_000);
      await daemon.start();
      await player.more(188 * 3_000, 60_000);
      await ready(server, 2);
      expect(await engines.running()).toEqual(before);
    });

    it('engines that die with it are made anew, while the player stays connected', async () => {
      await using daemon = await ownDaemon({ liveRestore: false });
      await using engines = await dockerEngines({ dockerHost: daemon.host, ports: '19425-19449' });
      await using server = await spawnServer({ ...engines.env, AUTH: 'off' });
      using player = new Player(`${server.origin}/ace/getstream?id=${channel(3)}`);
      await player.more(188 * 100, 60_000);
      await ready(server, 2);
      await daemon.stop();
      await daemon.start();
      await player.more(188 * 3_000, 90_000);
      await ready(server, 2);
    });
  },
);
