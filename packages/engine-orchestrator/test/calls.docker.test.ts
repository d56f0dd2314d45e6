import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describeWithTools, simulatorImage } from '@acestream-orchestrator/engine-simulator/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type DockerRuntime, daemonAddress, dockerRuntime } from '../src/docker/index.ts';
import { EngineOrchestrator } from '../src/orchestrator.ts';
import type { OrchestratorOptions } from '../src/settings.ts';
import { type CountingSocket, countingSocket } from './support/counting-socket.ts';
import { type HurriedClock, hurriedClock } from './support/hurried-clock.ts';

const run = promisify(execFile);
const speed = 20;

/** Lets ten minutes pass. */
async function tenMinutes(clock: HurriedClock): Promise<void> {
  clock.setSpeed(speed);
  await delay(600_000 / speed);
  clock.setSpeed(1);
}

describeWithTools(describe, ['docker', 'ldd', 'tar'], 'calls of the Docker API, counted at its socket', () => {
  const instance = `test-${randomBytes(4).toString('hex')}`;

  afterEach(async () => {
    const { stdout } = await run('docker', ['ps', '-aq', '--filter', `label=ondemand.app=${instance}`]);
    const left = stdout.split('\n').filter((id) => id !== '');
    if (left.length > 0) await run('docker', ['rm', '-fv', ...left]);
  });

  async function start(
    socket: CountingSocket,
    options: Partial<OrchestratorOptions>,
  ): Promise<{ orchestrator: EngineOrchestrator; runtime: DockerRuntime; clock: HurriedClock }> {
    const clock = hurriedClock();
    const runtime = dockerRuntime({
      instance,
      name: `c${instance.slice(-6)}`,
      connection: daemonAddress({ DOCKER_HOST: `unix://${socket.path}` }),
      // As the server has it.
      imageCheckMs: 86_400_000,
      ports: { from: 19_800, to: 19_849 },
      spec: {
        image: await simulatorImage(),
        ports: { http: {}, api: { for: 'inside' }, p2p: { for: 'outside', protocol: 'both' } },
        command: ({ http, api, p2p }) => [
          ...['/acestream/acestreamengine', '--client-console', '--bind-all', '--http-port', `${http}`],
          ...['--api-port', `${api}`, '--port', `${p2p}`],
        ],
      },
    });
    const orchestrator = new EngineOrchestrator({
      runtime,
      probe: async () => ({ ok: true }),
      clock,
      freeReplicas: 0,
      ...options,
    });
    await orchestrator.start();
    return { orchestrator, runtime, clock };
  }

  it('are none in ten minutes without an engine, and an engine is there soon after somebody asks', async () => {
    await using socket = await countingSocket('/var/run/docker.sock');
    const { orchestrator, runtime, clock } = await start(socket, { minReplicas: 0 });
    await expect.poll(() => socket.requests.filter((request) => request.includes('/events'))).toHaveLength(1);
    await delay(1_000);
    socket.requests.length = 0;
    await tenMinutes(clock);
    expect(socket.requests).toEqual([]);
    const lease = await orchestrator.acquire('k', { timeoutMs: 60_000 });
    await lease.release();
    await orchestrator.close({ engines: 'remove' });
    await runtime.close();
  }, 120_000);

  it('are at most twenty in ten minutes with two idle engines that nobody watches', async () => {
    await using socket = await countingSocket('/var/run/docker.sock');
    const { orchestrator, runtime, clock } = await start(socket, { minReplicas: 2 });
    await expect.poll(() => orchestrator.capacity().total, { timeout: 60_000 }).toBe(6);
    await delay(2_000);
    socket.requests.length = 0;
    await tenMinutes(clock);
    expect(socket.requests.length).toBeLessThanOrEqual(20);
    // It is not blind either.
    expect(socket.requests.length).toBeGreaterThanOrEqual(4);
    expect(orchestrator.engines()).toHaveLength(2);
    await orchestrator.close({ engines: 'remove' });
    await runtime.close();
  }, 180_000);
});
