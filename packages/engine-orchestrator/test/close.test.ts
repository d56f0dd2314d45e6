import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { aceProbe } from '../src/ace/ace-probe.ts';
import { EngineOrchestrator } from '../src/orchestrator.ts';
import { staticRuntime } from '../src/runtime/static-runtime.ts';
import { outcome, startOrchestrator } from './support/start-orchestrator.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

it('refuses those who wait, tells those who hold, and leaves no timer, probe or event stream', async () => {
  const { orchestrator, runtime, probe, clock } = await startOrchestrator(['a', 'hung'], { maxLeasesPerEngine: 1 });
  const lease = await orchestrator.acquire('1');
  const second = await orchestrator.acquire('2');
  probe.set('hung', 'hang');
  await clock.advance(20_000);
  const waiting = orchestrator.acquire('3');
  waiting.catch(() => {});
  const closing = orchestrator.close();
  expect(orchestrator.close()).toBe(closing);
  await closing;
  await expect(waiting).rejects.toMatchObject({ code: 'closed', retryable: false });
  expect(lease.signal.reason).toMatchObject({ code: 'closed' });
  expect([clock.pendingTimers, runtime.openEventStreams]).toEqual([0, 0]);

  await lease.release();
  await second.release('engine-bad');
  orchestrator.observe('a', 'failure');
  runtime.add({ id: 'late' });
  await clock.advance(60_000);
  expect(clock.pendingTimers).toBe(0);
  await expect(orchestrator.acquire('4')).rejects.toMatchObject({ code: 'closed' });
  expect(orchestrator.engines().map(({ leases }) => leases)).toEqual([0, 0]);
});

it('leaves no timer of a dead engine whose lease nobody released', async () => {
  const { orchestrator, probe, clock } = await startOrchestrator(['a'], { deadLeaseTimeoutMs: 60_000 });
  await orchestrator.acquire('1');
  probe.set('a', 'fail');
  await clock.advance(60_000);
  await orchestrator.close();
  expect(clock.pendingTimers).toBe(0);
});

it('can come before and during the start', async () => {
  const { orchestrator: never } = await startOrchestrator([]);
  await never.close();

  const before = await startOrchestrator(['a']);
  const { EngineOrchestrator: Orchestrator } = await import('../src/orchestrator.ts');
  const unstarted = new Orchestrator({ runtime: before.runtime, probe: before.probe, clock: before.clock });
  await unstarted.close();
  await expect(unstarted.start()).rejects.toMatchObject({ code: 'closed' });

  before.probe.set('a', 'hang');
  const starting = new Orchestrator({ runtime: before.runtime, probe: before.probe, clock: before.clock });
  const started = starting.start();
  expect(await outcome(started, before.clock)).toBe('pending');
  started.catch(() => {});
  await starting.close();
  await expect(started).rejects.toMatchObject({ code: 'closed' });
});

it('ends a probe that waits for a hung engine, at once', async () => {
  const asked = Promise.withResolvers<void>();
  const hung = await listen(createServer(() => asked.resolve()));
  const orchestrator = new EngineOrchestrator({
    runtime: staticRuntime([`http://127.0.0.1:${hung}`]),
    probe: aceProbe(),
    probeTimeoutMs: 60_000,
  });
  const started = orchestrator.start();
  started.catch(() => {});
  await asked.promise;
  const arrived = performance.now();
  await orchestrator.close();
  expect(performance.now() - arrived).toBeLessThan(5_000);
  await expect(started).rejects.toMatchObject({ code: 'closed' });
});

it('lets a process end by itself', async () => {
  const port = await listen(createServer((_request, response) => response.end('{"result":{"playlist_loaded":true}}')));
  const program = `
    import { EngineOrchestrator, staticRuntime } from '@acestream-orchestrator/engine-orchestrator';
    import { aceProbe } from '@acestream-orchestrator/engine-orchestrator/ace';
    const orchestrator = new EngineOrchestrator({ runtime: staticRuntime(['http://127.0.0.1:${port}', 'http://127.0.0.1:1']), probe: aceProbe() });
    await orchestrator.start();
    const lease = await orchestrator.acquire('k');
    orchestrator.acquire('k').catch(() => {});
    await orchestrator.close();
    console.log('closed', lease.engine.port, process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap').join());
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@acestream-orchestrator/source', '--no-warnings', '--input-type=module', '--eval', program],
    { cwd: import.meta.dirname, timeout: 15_000 },
  );
  expect(stdout).toBe(`closed ${port} \n`);
});
