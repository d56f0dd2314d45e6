import { expect, it } from 'vitest';
import { dockerRuntime } from '../src/docker/index.ts';
import { fakeDaemon } from './support/fake-daemon.ts';

const { signal } = new AbortController();

it('no port, name or container is left over after 1000 cycles, failures among them', { timeout: 900_000 }, async () => {
  await using daemon = await fakeDaemon();
  let starts = 0;
  daemon.answer({
    'POST /containers/:id/start': () => (++starts % 7 === 0 ? [500, { message: 'out of memory' }] : 'as usual'),
  });
  const runtime = dockerRuntime({
    instance: 'test',
    spec: { image: 'some/image:1', ports: { http: {}, api: { for: 'inside' } } },
    connection: { kind: 'unix', socketPath: daemon.socketPath },
    ports: { from: 19_100, to: 19_107 },
  });
  const cycle = async (): Promise<void> => {
    try {
      const { id } = await runtime.create({}, { signal });
      await runtime.remove(id, { signal });
    } catch (error) {
      expect(error).toMatchObject({ code: 'start_failed' });
    }
  };
  // Four at once need all eight ports.
  for (let round = 0; round < 250; round++) await Promise.all([cycle(), cycle(), cycle(), cycle()]);
  expect(starts).toBeGreaterThanOrEqual(1_000);
  expect(await runtime.containers({ signal })).toEqual([]);
  daemon.answer({ 'POST /containers/:id/start': () => 'as usual' });
  const last = await runtime.create({}, { signal });
  expect([last.name, last.labels['engine.http_port']]).toEqual(['engine-1', '19100']);
});
