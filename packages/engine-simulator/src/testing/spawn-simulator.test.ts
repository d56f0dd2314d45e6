import { expect, test } from 'vitest';
import { spawnSimulator } from './spawn-simulator.ts';

test('a simulator runs in a process of its own, on ports it chose, until it is told to end', async () => {
  await using simulator = await spawnSimulator({ args: ['--engine-version', '3.1.70'] });
  expect(simulator.pid).not.toBe(process.pid);
  const response = await fetch(`${simulator.url}/webui/api/service?method=get_version`);
  expect(await response.json()).toMatchObject({ result: { version: '3.1.70' } });
  expect((await fetch(simulator.controlUrl)).status).toBeLessThan(500);
  simulator.kill();
  expect(await simulator.exited).toEqual({ exitCode: 0, signal: null });
});

test('disposing kills it', async () => {
  const simulator = await spawnSimulator();
  await simulator[Symbol.asyncDispose]();
  expect(await simulator.exited).toEqual({ exitCode: null, signal: 'SIGKILL' });
  await expect(fetch(simulator.url)).rejects.toThrow();
});

test('a simulator that cannot start rejects with what it printed', async () => {
  await expect(spawnSimulator({ args: ['--burst-ms', 'much'] })).rejects.toThrow('--burst-ms needs a number');
});

test('an abort before it is ready kills it and rejects with the reason', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const starting = spawnSimulator({ signal: controller.signal });
  controller.abort(reason);
  await expect(starting).rejects.toBe(reason);
});
