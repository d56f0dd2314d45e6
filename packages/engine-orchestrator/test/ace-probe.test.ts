import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEngine } from '@acestream-orchestrator/engine-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { aceProbe } from '../src/ace/ace-probe.ts';
import type { Engine } from '../src/engine.ts';
import { EngineOrchestrator } from '../src/orchestrator.ts';
import { staticRuntime } from '../src/runtime/static-runtime.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function engineAt(port: number): Engine {
  return { id: 'e', name: 'e', host: '127.0.0.1', port, labels: {}, forwarded: false };
}

/** An engine whose network is as said. */
async function engineWith(network: string): Promise<Engine> {
  const server = createServer(({ url = '' }, response) => {
    response.end(url.includes('get_status') ? '{"result":{"playlist_loaded":true}}' : network);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return engineAt((server.address() as AddressInfo).port);
}

const { signal } = new AbortController();

describe('aceProbe', () => {
  it('finds an engine well and learns its version', async () => {
    await using simulated = await createEngine({ controlPort: false });
    const engine = engineAt(simulated.port);
    expect(await aceProbe()(engine, { signal })).toEqual({ ok: true, version: '3.2.11', platform: 'linux' });
    expect(await aceProbe({ requireNetwork: true })(engine, { signal })).toMatchObject({ ok: true });
  });

  it('says why an engine is not well', async () => {
    const result = await aceProbe()(engineAt(1), { signal });
    expect(result).toEqual({ ok: false, reason: expect.stringContaining('127.0.0.1:1 cannot be reached') });
  });

  it('looks at the network only when told to', async () => {
    const offline = await engineWith('{"result":{"connected":false}}');
    expect(await aceProbe()(offline, { signal })).toEqual({ ok: true });
    expect(await aceProbe({ requireNetwork: true })(offline, { signal })).toMatchObject({
      ok: false,
      reason: /no connection/,
    });
    const old = await engineWith('{"error":{"message":"unknown method","code":0}}');
    expect(await aceProbe({ requireNetwork: true })(old, { signal })).toEqual({ ok: true });
    const broken = await engineWith('oops');
    expect(await aceProbe({ requireNetwork: true })(broken, { signal })).toMatchObject({ ok: false, reason: /oops/ });
  });
});

describe('engines behind an orchestrator', () => {
  it('one that hangs delays nobody, is found out, and is used again when it answers', async () => {
    await using fine = await createEngine({ controlPort: false });
    await using hung = await createEngine({
      controlPort: false,
      faults: { 'api-hangs': { endpoints: ['server-api'] } },
    });
    const orchestrator = new EngineOrchestrator({
      runtime: staticRuntime([fine.url, hung.url]),
      probe: aceProbe(),
      probeIntervalMs: 100,
      probeTimeoutMs: 50,
      maxLeasesPerEngine: 1,
    });
    await orchestrator.start();
    const first = await orchestrator.acquire('1');
    expect(first.engine.port).toBe(fine.port);
    const health = (): string[] => orchestrator.engines().map((engine) => engine.health);
    await expect.poll(health, { timeout: 10_000 }).toEqual(['healthy', 'unhealthy']);
    const second = orchestrator.acquire('2');
    await hung.faults.clear('api-hangs');
    expect((await second).engine.port).toBe(hung.port);
    await orchestrator.close();
  });

  it('one that is killed is known to be gone within seconds when a proxy says so', async () => {
    await using killed = await createEngine({ controlPort: false });
    const orchestrator = new EngineOrchestrator({ runtime: staticRuntime([killed.url]), probe: aceProbe() });
    await orchestrator.start();
    const lease = await orchestrator.acquire('k');
    await killed.faults.set('crash', { restartAfterMs: 600_000 });
    orchestrator.observe(lease.engine.id, 'failure');
    await expect.poll(() => lease.signal.aborted, { timeout: 10_000 }).toBe(true);
    expect(lease.signal.reason).toMatchObject({ code: 'engine_unhealthy' });
    await lease.release('engine-bad');
    await expect(orchestrator.acquire('k', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'no_engines' });
    const waiting = orchestrator.acquire('k');
    await killed.faults.clear('crash');
    expect((await waiting).engine.port).toBe(killed.port);
    await orchestrator.close();
  });
});
