import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, content, key, serve, type TestServer } from './serve.ts';
import { type SimulatorRuntime, simulatorRuntime } from './simulator-runtime.ts';

const url = (origin: string, id: string): string => `${origin}/ace/getstream?id=${id}`;
const post = (body?: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

async function pool(runtime: SimulatorRuntime, env: Record<string, string> = {}): Promise<TestServer> {
  const test = await serve({ runtime, env: { MIN_FREE_REPLICAS: '0', JOIN_BEHIND_MS: '1000', ...env } });
  await eventually(async () => (await test.get('/readyz', {})).status === 200 || env['MIN_REPLICAS'] === '0');
  return test;
}

describe('a flash crowd', () => {
  it('of 30 new channels on 6 engines of 3 slots: 18 play, the others are told when to come back, and the pool shrinks again', async () => {
    await using runtime = simulatorRuntime();
    await using test = await pool(runtime, {
      START_TIMEOUT_MS: '15000',
      LINGER_MS: '0',
      ENGINE_GRACE_PERIOD_S: '1',
      MIN_FREE_REPLICAS: '1',
    });
    const players = Array.from({ length: 30 }, (_, number) => new Player(url(test.origin, content(number))));
    let fullest = 0;
    const watching = setInterval(() => {
      for (const { leases } of test.services.engines.list()) fullest = Math.max(fullest, leases);
    }, 20);
    const statuses = await Promise.all(players.map((player) => player.status()));
    clearInterval(watching);
    expect(statuses.filter((status) => status === 200)).toHaveLength(18);
    expect(fullest).toBe(3);
    expect(runtime.most).toBe(6);
    for (const [at, player] of players.entries()) {
      if (statuses[at] === 200) continue;
      expect(statuses[at]).toBe(503);
      const { error } = (await player.json()) as { error: Record<string, unknown> };
      expect(error).toMatchObject({ code: 'no_capacity', retryable: true, recovery_eta_seconds: expect.any(Number) });
      expect((await player.response).headers['retry-after']).toBe(String(error['recovery_eta_seconds']));
    }
    for (const player of players) player[Symbol.dispose]();
    await eventually(() => runtime.running.size === 1, 20_000);
  }, 90_000);
});

describe('zapping', () => {
  it('through 20 channels with 6 slots never waits for one of its own lingering sessions', async () => {
    await using runtime = simulatorRuntime();
    await using test = await pool(runtime, { MIN_REPLICAS: '2', MAX_REPLICAS: '2', LINGER_MS: '600000' });
    await eventually(() => test.services.engines.capacity().total === 6);
    for (let number = 0; number < 20; number += 1) {
      using player = new Player(url(test.origin, content(100 + number)));
      await player.more(188 * 10, 10_000);
      expect(await player.status()).toBe(200);
    }
    expect(runtime.created).toBe(2);
    expect(test.services.engines.capacity().used).toBe(6);
  }, 120_000);
});

describe('a server that follows one that was killed', () => {
  it('uses the same engines, and plays at once', async () => {
    await using runtime = simulatorRuntime();
    const first = await pool(runtime);
    using before = new Player(url(first.origin, channel(1)));
    await before.more();
    const ids = [...runtime.running.keys()];
    // The engine keeps a session of a process that never said goodbye: nothing of the first server is told to stop.
    await using second = await serve({ runtime, env: { MIN_FREE_REPLICAS: '0', JOIN_BEHIND_MS: '1000' } });
    using after = new Player(url(second.origin, channel(2)));
    await after.more(188, 5_000);
    expect([...runtime.running.keys()]).toEqual(ids);
    await first[Symbol.asyncDispose]();
  });
});

describe('streams of an engine that goes', () => {
  it('move to another one without losing a packet, when the engine is drained, removed or replaced', async () => {
    await using runtime = simulatorRuntime();
    await using test = await pool(runtime, { MIN_REPLICAS: '2' });
    await eventually(() => test.services.engines.capacity().total === 6);
    using player = new Player(url(test.origin, channel(1)));
    await player.more();
    const playing = (): string => test.services.streams.active()[0]?.engine.id ?? '';

    const first = playing();
    const drained = await test.request(`/engines/${first}/drain`, post());
    expect(drained).toMatchObject({ status: 200, body: { container_id: first, streams: 1 } });
    await eventually(
      () => playing() !== first && test.services.engines.list().every((each) => each.id !== first || each.leases === 0),
      15_000,
    );
    expect((await test.request(`/engines/${first}/resume`, post())).status).toBe(200);

    const second = playing();
    const removed = await test.request(`/engines/${second}`, { method: 'DELETE', headers: { 'x-api-key': key } });
    expect(removed).toMatchObject({ status: 200, body: { message: 'Engine removed', container_id: second } });
    expect(runtime.running.has(second)).toBe(false);
    await eventually(() => playing() !== second);

    const stream = test.services.streams.active()[0];
    expect(stream?.recoveries).toBe(2);
    const events = await test.get<{ category: string }[]>('/events?limit=1000');
    expect(events.body.map(({ category }) => category)).toEqual(
      expect.arrayContaining(['draining', 'undrained', 'removed']),
    );
    const { recoveries } = test.services.sessions.of(stream?.streamKey ?? '') ?? { recoveries: [] };
    expect(recoveries.map(({ splice, reason }) => `${splice} ${reason}`)).toEqual(['exact moved', 'exact moved']);
    await player.more();
  }, 60_000);

  it('end with it at once when they only linger, and move nowhere', async () => {
    await using test = await serve({ engines: 2, config: { lingerMs: 600_000 } });
    using player = new Player(url(test.origin, channel(1)));
    await player.more();
    const { streamKey, engine } = test.services.streams.active()[0]!;
    player.leave();
    await eventually(() => test.services.sessions.of(streamKey)?.lingering === true);
    expect((await test.request(`/engines/${engine.id}/drain`, post())).status).toBe(200);
    await eventually(() => test.services.engines.list().every(({ leases }) => leases === 0));
    expect(test.services.streams.find(streamKey)).toMatchObject({ sources: 1, recoveries: 0 });
  });

  it('move where they are told to', async () => {
    await using runtime = simulatorRuntime();
    await using test = await pool(runtime, { MIN_REPLICAS: '3' });
    await eventually(() => test.services.engines.capacity().total === 9);
    using player = new Player(url(test.origin, channel(1)));
    await player.more();
    const { id = '', engine } = test.services.streams.active()[0] ?? {};
    const from = engine?.id;
    const to = test.services.engines.list().find(({ leases }) => leases === 0)?.id;
    const moved = await test.request(`/streams/${channel(1)}/move`, post({ container_id: to }));
    expect(moved).toMatchObject({ status: 200, body: { stream_id: id, from, to } });
    expect((await test.request(`/streams/${channel(1)}/move`, post({ container_id: 'nobody' }))).status).toBe(404);
    expect((await test.request('/streams/unknown/move', post())).status).toBe(404);
    await test.request(`/streams/${channel(1)}`, { method: 'DELETE', headers: { 'x-api-key': key } });
    expect(await test.request(`/streams/${channel(1)}/move`, post())).toMatchObject({
      status: 409,
      body: { error: { code: 'stream_not_playing' } },
    });
  }, 60_000);
});

describe('an engine that is killed under its players', () => {
  it('is replaced, and they play on elsewhere', async () => {
    await using runtime = simulatorRuntime();
    await using test = await pool(runtime, { MIN_REPLICAS: '2', JOIN_BEHIND_MS: '10000' });
    await eventually(() => test.services.engines.capacity().total === 6);
    using player = new Player(url(test.origin, channel(1)));
    await player.more();
    const [killed = ''] = test.services.streams.active().map(({ engine }) => engine.id);
    await runtime.kill(killed);
    await player.more(188 * 1_000, 15_000);
    await eventually(() => runtime.running.size === 2 && test.services.engines.capacity().total === 6, 15_000);
    expect(runtime.running.has(killed)).toBe(false);
  }, 60_000);
});

describe('management of the pool', () => {
  it('makes an engine, and answers exactly when it exists; refuses at the maximum as the 1.5 release did', async () => {
    await using runtime = simulatorRuntime();
    await using test = await pool(runtime, { MAX_REPLICAS: '2' });
    const made = await test.request<{ container_id: string }>('/provision/acestream', post({ labels: { x: '1' } }));
    expect(made).toMatchObject({
      status: 200,
      body: { container_name: made.body.container_id, container_https_port: null },
    });
    expect(runtime.running.has(made.body.container_id)).toBe(true);
    expect((await test.get(`/engines/${made.body.container_id}`)).body).toMatchObject({
      engine: { labels: { x: '1' } },
    });
    const refused = await test.request('/provision/acestream', post());
    expect(refused).toMatchObject({
      status: 503,
      body: {
        error: { code: 'provisioning_blocked', reason: 'max_capacity', recovery_eta_seconds: 10, can_retry: true },
        detail: { error: 'provisioning_blocked', code: 'max_capacity', should_wait: false },
      },
    });
    expect(refused.headers.get('retry-after')).toBe('10');
    expect((await test.get('/orchestrator/status')).body).toMatchObject({
      status: 'healthy',
      capacity: { max_replicas: 2, min_replicas: 1 },
      provisioning: { can_provision: false, circuit_breaker_state: 'closed', blocked_reason: 'max_capacity' },
    });
  });

  it('says why no engine can be made, and tries again when the breaker is reset', async () => {
    await using runtime = simulatorRuntime();
    await using test = await pool(runtime, { MIN_REPLICAS: '0', CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1' });
    runtime.failCreating(new Error('no space left'));
    expect(await test.request('/provision/acestream', post())).toMatchObject({
      status: 503,
      body: { detail: { code: 'circuit_breaker', message: expect.stringContaining('no space left') } },
    });
    expect((await test.get('/health/status')).body).toMatchObject({
      circuit_breakers: { general: { state: 'open', last_failure: 'no space left' }, replacement: { state: 'closed' } },
    });
    using refused = new Player(url(test.origin, channel(1)));
    expect(await refused.status()).toBe(503);
    const answer = await refused.json();
    expect(answer).toMatchObject({
      error: {
        code: 'no_engines',
        reason: 'circuit_breaker',
        should_wait: false,
        recovery_eta_seconds: expect.any(Number),
      },
    });
    // Whoever plays need not know what is wrong with this machine.
    expect(JSON.stringify(answer)).not.toContain('no space left');
    expect(JSON.stringify(answer)).toContain('none is known. No engine can be made now');
    runtime.failCreating(undefined);
    expect((await test.request('/health/circuit-breaker/reset?operation_type=general', post())).status).toBe(200);
    using player = new Player(url(test.origin, channel(1)));
    await player.more(188, 15_000);
  }, 30_000);

  it('scales, lets idle engines go, restarts, measures, and replaces all of them once at a time', async () => {
    await using runtime = simulatorRuntime();
    let prunes = 0;
    runtime.prune = async () => {
      prunes += 1;
      return 3;
    };
    await using test = await pool(runtime, { ENGINE_GRACE_PERIOD_S: '600' });
    expect((await test.request('/scale/3', post())).body).toMatchObject({ scaled_to: 3 });
    await eventually(() => test.services.engines.capacity().total === 9);
    const all = await test.get<Record<string, { cpu_percent: number }>>('/engines/stats/all');
    expect(Object.keys(all.body).sort()).toEqual([...runtime.running.keys()].sort());
    expect((await test.get('/engines/stats/total')).body).toMatchObject({ container_count: 3, total_cpu_percent: 3 });
    const [id = ''] = runtime.running.keys();
    expect((await test.get(`/engines/${id}/stats`)).body).toMatchObject({ container_id: id, memory_limit: 2 ** 30 });
    expect((await test.get('/metrics/performance?operation=docker_stats_collection')).body).toMatchObject({
      operations: { docker_stats_collection: { count: 1, success_rate: 100 } },
    });

    const before = runtime.running.get(id)?.port;
    expect((await test.request(`/engines/${id}/restart`, post())).status).toBe(200);
    expect(runtime.running.get(id)?.port).not.toBe(before);
    await eventually(() => test.services.engines.capacity().total === 9);

    const old = [...runtime.running.keys()];
    const started = await test.request('/custom-variant/reprovision', post());
    expect(started).toMatchObject({ status: 200, body: { in_progress: true, total_engines: 3, engines_stopped: 0 } });
    expect(await test.request('/custom-variant/reprovision', post())).toMatchObject({
      status: 409,
      body: { error: { code: 'reprovision_running' } },
    });
    await eventually(
      async () => (await test.get('/custom-variant/reprovision/status')).body['in_progress'] === false,
      30_000,
    );
    expect((await test.get('/custom-variant/reprovision/status')).body).toMatchObject({
      status: 'success',
      engines_stopped: 3,
    });
    expect(old.some((each) => runtime.running.has(each))).toBe(false);

    expect((await test.request('/settings/engine', post({ min_replicas: 1 }))).body).toMatchObject({
      message: 'Nothing changed',
    });
    expect((await test.request('/settings/engine', post({ min_replicas: 7 }))).status).toBe(400);
    expect(test.services.engines.settings.minReplicas).toBe(1);
    expect((await test.request('/settings/engine', post({ min_replicas: 2 }))).status).toBe(200);
    expect(test.services.engines.settings.minReplicas).toBe(2);
    const extra = async () =>
      /^orch_extra_engines (\d+)$/m.exec(await (await fetch(`${test.origin}/metrics`)).text())?.[1];
    expect(await extra()).toBe('1');
    expect(prunes).toBe(1);
    const collected = await test.request<{ removed: string[] }>('/gc', post());
    expect(collected.body).toMatchObject({ removed: [expect.any(String)], pruned: 3 });
    expect(prunes).toBe(2);
    await eventually(() => runtime.running.size === 2);
    await eventually(async () => (await extra()) === '0');
  }, 90_000);

  it('names the container whose network an engine has', async () => {
    await using runtime = simulatorRuntime();
    await using test = await pool(runtime);
    const named = async () => (await test.get<{ vpn_container: string | null }[]>('/engines')).body[0]?.vpn_container;
    expect(await named()).toBeNull();
    runtime.change([...runtime.running.keys()][0]!, { sharesNetworkOf: 'gluetun' });
    await eventually(async () => (await named()) === 'gluetun');
  });

  it('refuses what cannot be done to engines that somebody else runs', async () => {
    await using test = await serve();
    const [{ id } = { id: '' }] = test.services.engines.list();
    for (const path of [
      '/scale/2',
      '/gc',
      '/provision/acestream',
      '/custom-variant/reprovision',
      `/engines/${id}/restart`,
    ]) {
      expect(await test.request(path, post())).toMatchObject({ status: 409, body: { error: { code: 'not_managed' } } });
    }
    expect((await test.get('/engines/stats/all')).body).toEqual({});
    expect((await test.get(`/engines/${id}/stats`)).status).toBe(404);
    expect((await test.request('/engines/nobody/drain', post())).status).toBe(404);
  });
});
