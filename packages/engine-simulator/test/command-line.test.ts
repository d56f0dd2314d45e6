import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { packageFile } from '../src/package-file.ts';
import { runProcess, spawnSimulator } from '../src/testing/index.ts';
import { CONTENT_ID, getJson, rawGet, until } from './test-engine.ts';

const CLI = ['--conditions=@acestream-orchestrator/source', packageFile('src', 'cli.ts')];
const run = (args: readonly string[]): ReturnType<typeof runProcess> =>
  runProcess(process.execPath, [...CLI, ...args], { timeoutMs: 15_000 });

test('it says its ports as one line of JSON, serves both APIs, and ends on SIGTERM', async () => {
  await using simulator = await spawnSimulator({
    args: ['--client-console', '--live-cache-type', 'memory', '--fault', 'stat-unknown'],
  });
  const { response } = await getJson<{ response: { playback_url: string } }>(
    `${simulator.url}/ace/getstream?format=json&id=${CONTENT_ID}`,
  );
  const state = await getJson<{ faults: { name: string }[] }>(`${simulator.controlUrl}/state`);
  expect(state.faults.map(({ name }) => name)).toEqual(['stat-unknown']);
  expect(simulator.stderr()).toContain('ignored: --live-cache-type');

  const hop = rawGet(response.playback_url);
  await hop.ended;
  const reader = rawGet(hop.header('Location')!);
  await reader.untilBody(1000);
  simulator.kill('SIGTERM');
  expect(await simulator.exited).toEqual({ exitCode: 0, signal: null });
  await reader.ended;
});

test('SIGINT ends it as cleanly', async () => {
  await using simulator = await spawnSimulator();
  simulator.kill('SIGINT');
  expect(await simulator.exited).toEqual({ exitCode: 0, signal: null });
});

test('a killed process resets its readers', async () => {
  await using simulator = await spawnSimulator({ args: ['--start-delay-ms', '0'] });
  const { response } = await getJson<{ response: { playback_url: string } }>(
    `${simulator.url}/ace/getstream?format=json&id=${CONTENT_ID}`,
  );
  const hop = rawGet(response.playback_url);
  await hop.ended;
  const reader = rawGet(hop.header('Location')!);
  await reader.untilBody(1000);
  simulator.kill('SIGKILL');
  await reader.ended;
  await until('the port is free', async () => {
    const probe = rawGet(simulator.url);
    await probe.ended;
    return probe.failure !== undefined;
  });
});

test('help lists every flag of its own and exits', async () => {
  const { exitCode, stdout } = await run(['--help']);
  expect(exitCode).toBe(0);
  for (const flag of [
    '--http-port',
    '--host',
    '--control-port',
    '--fault',
    '--ready-json',
    '--engine-version',
    '--unpaced',
  ]) {
    expect(stdout).toContain(flag);
  }
});

test('a port in use is one sentence and exit code 1', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  const { exitCode, stderr } = await run(['--http-port', String(port)]);
  taken.close();
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(new RegExp(`^engine-simulator: cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*\\n$`));
});

test('a value that makes no sense is one sentence and exit code 1', async () => {
  const { exitCode, stderr } = await run(['--fault', 'stall={"durationMs":-1}']);
  expect(exitCode).toBe(1);
  expect(stderr).toBe('engine-simulator: stall: durationMs must be at least 0, not -1\n');
});
