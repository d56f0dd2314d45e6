import { describeWithTools } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { type DockerEngines, dockerEngines } from './docker-engines.ts';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { content } from './serve.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';

/** Looks all the time at how many containers there are and how full engines are, until it is asked for the most. */
function watch(engines: DockerEngines, { origin }: ServerProcess): () => Promise<{ engines: number; leases: number }> {
  const most = { engines: 0, leases: 0 };
  let watching = true;
  const watched = (async () => {
    while (watching) {
      most.engines = Math.max(most.engines, (await engines.all()).length);
      const listed = (await (await fetch(`${origin}/engines`)).json()) as { leases: number }[];
      most.leases = Math.max(most.leases, ...listed.map(({ leases }) => leases));
    }
  })();
  return async () => {
    watching = false;
    await watched;
    return most;
  };
}

describeWithTools(describe, ['docker', 'ldd', 'tar'], 'many channels on a real daemon', () => {
  it('a flash crowd of 30: 18 play on 6 engines, never more of either, and one engine is left afterwards', async () => {
    await using engines = await dockerEngines({ ports: '19850-19899' });
    await using server = await spawnServer({
      ...engines.env,
      AUTH: 'off',
      LINGER_MS: '0',
      START_TIMEOUT_MS: '60000',
      FIRST_BYTE_TIMEOUT_MS: '120000',
      ENGINE_GRACE_PERIOD_S: '2',
    });
    const most = watch(engines, server);
    const players = Array.from(
      { length: 30 },
      (_, number) => new Player(`${server.origin}/ace/getstream?id=${content(number)}`),
    );
    const statuses = await Promise.all(players.map((player) => player.status()));
    expect(statuses.filter((status) => status === 200)).toHaveLength(18);
    expect(await most()).toEqual({ engines: 6, leases: 3 });
    for (const [at, status] of statuses.entries()) {
      if (status === 200) continue;
      expect(await players[at]!.json()).toMatchObject({
        error: { code: 'no_capacity', recovery_eta_seconds: expect.any(Number) },
      });
    }
    for (const player of players) player[Symbol.dispose]();
    await eventually(async () => (await engines.all()).length === 1, 60_000);
  }, 240_000);

  it('one player that zaps through 20 with 6 slots never waits for what lingers of those before', async () => {
    await using engines = await dockerEngines({ ports: '19800-19849' });
    // Whoever waited for a lingering session would wait for longer than a lease is waited for, and get none.
    const lingerMs = 40_000;
    await using server = await spawnServer({
      ...engines.env,
      AUTH: 'off',
      MAX_REPLICAS: '2',
      LINGER_MS: `${lingerMs}`,
      ENGINE_GRACE_PERIOD_S: '2',
    });
    await eventually(async () => {
      const ready = (await (await fetch(`${server.origin}/engines`)).json()) as { ready: boolean }[];
      return ready.some((engine) => engine.ready);
    }, 60_000);
    const most = watch(engines, server);
    const waits: number[] = [];
    for (let number = 100; number < 120; number++) {
      using player = new Player(`${server.origin}/ace/getstream?id=${content(number)}`);
      await player.more(188 * 100, 30_000);
      waits.push(performance.now() - player.askedMs);
    }
    // The first ones may have to wait for the second engine.
    expect(Math.max(...waits.slice(6))).toBeLessThan(10_000);
    expect(await most()).toEqual({ engines: 2, leases: 3 });
    await eventually(async () => (await engines.all()).length === 1, lingerMs + 60_000);
  }, 240_000);
});
