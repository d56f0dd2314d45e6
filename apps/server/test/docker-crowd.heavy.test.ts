import { randomBytes } from 'node:crypto';
import { describeWithTools, runProcess, simulatorImage } from '@acestream-orchestrator/engine-simulator/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { content } from './serve.ts';
import { spawnServer } from './server-process.ts';

const instance = `test-${randomBytes(4).toString('hex')}`;

async function containers(): Promise<string[]> {
  const { stdout } = await runProcess('docker', ['ps', '-aq', '--filter', `label=ondemand.app=${instance}`]);
  return stdout
    .toString()
    .split('\n')
    .filter((id) => id !== '');
}

describeWithTools(describe, ['docker', 'ldd', 'tar'], 'a flash crowd on a real daemon', () => {
  afterAll(async () => {
    const left = await containers();
    if (left.length > 0) await runProcess('docker', ['rm', '-fv', ...left]);
  });

  it('of 30 new channels: 18 play on 6 engines, never more of either, and one engine is left afterwards', async () => {
    await using server = await spawnServer({
      ENGINES: 'docker',
      ENGINE_VARIANT: 'nano-ace',
      ENGINE_IMAGE: await simulatorImage(),
      ENGINE_PORTS: '19850-19899',
      INSTANCE_ID: instance,
      AUTH: 'off',
      LINGER_MS: '0',
      START_TIMEOUT_MS: '60000',
      FIRST_BYTE_TIMEOUT_MS: '120000',
      ENGINE_GRACE_PERIOD_S: '2',
    });
    let most = 0;
    let fullest = 0;
    let watching = true;
    const watched = (async () => {
      while (watching) {
        most = Math.max(most, (await containers()).length);
        const engines = (await (await fetch(`${server.origin}/engines`)).json()) as { leases: number }[];
        fullest = Math.max(fullest, ...engines.map(({ leases }) => leases));
      }
    })();
    const players = Array.from(
      { length: 30 },
      (_, number) => new Player(`${server.origin}/ace/getstream?id=${content(number)}`),
    );
    const statuses = await Promise.all(players.map((player) => player.status()));
    watching = false;
    await watched;
    expect(statuses.filter((status) => status === 200)).toHaveLength(18);
    expect([most, fullest]).toEqual([6, 3]);
    for (const [at, status] of statuses.entries()) {
      if (status === 200) continue;
      expect(await players[at]!.json()).toMatchObject({
        error: { code: 'no_capacity', recovery_eta_seconds: expect.any(Number) },
      });
    }
    for (const player of players) player[Symbol.dispose]();
    await eventually(async () => (await containers()).length === 1, 60_000);
  }, 240_000);
});
