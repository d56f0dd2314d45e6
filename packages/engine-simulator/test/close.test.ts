import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { createEngine, SimulatorError } from '../src/index.ts';
import { packageFile } from '../src/package-file.ts';
import { runProcess } from '../src/testing/index.ts';
import { play, testEngine } from './test-engine.ts';

const PROGRAM = `
  import { createEngine } from ${JSON.stringify(pathToFileURL(packageFile('src', 'index.ts')).href)};
  import { connect } from 'node:net';
  const engine = await createEngine({ startDelayMs: 0, faults: { 'playback-hangs': { infohash: 'a'.repeat(40) } } });
  const start = async (query) => (await (await fetch(engine.url + '/ace/getstream?format=json&' + query)).json()).response;
  const playing = await start('id=' + '1'.repeat(40) + '&pid=x');
  const { body } = await fetch(playing.playback_url);
  await body.getReader().read();
  const held = await start('infohash=' + 'a'.repeat(40) + '&pid=y&use_api_events=1');
  fetch(held.playback_url).catch(() => {});
  fetch(held.event_url).catch(() => {});
  connect(engine.port, '127.0.0.1').on('error', () => {}).write('GET /');
  while (engine.state().connections < 4) await new Promise((resolve) => setTimeout(resolve, 10));
  BEFORE_CLOSE
  await engine.close();
  await engine.close();
  console.log('closed');
  process.on('exit', () => console.log('ended'));
`;

test.each([
  ['running', ''],
  ['waiting to crash', "engine.faults.set('crash', { downloads: 100, restartAfterMs: 600000 });"],
  ['crashed', "engine.faults.set('crash', { restartAfterMs: 600000 });"],
  ['stalled', "engine.faults.set('stall-forever');"],
])('a process that closes an engine that is %s has nothing left to wait for', async (_state, beforeClose) => {
  const program = PROGRAM.replace('BEFORE_CLOSE', beforeClose);
  const { exitCode, stdout, stderr } = await runProcess(
    process.execPath,
    ['--conditions=@acestream-orchestrator/source', '--input-type=module', '--eval', program],
    { timeoutMs: 15_000 },
  );
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'closed\nended\n', stderr: '' });
});

test('closing ends readers', async () => {
  const engine = await testEngine();
  const reader = await play(engine);
  await reader.untilBody(1000);
  await engine.close();
  await reader.ended;
  await expect(fetch(engine.url)).rejects.toThrow();
});

test('without a control port there is no control API', async () => {
  const engine = await testEngine({ controlPort: false });
  expect(engine.controlUrl).toBeUndefined();
});

test('a port in use is an error with a code, for the engine and for its control API', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  for (const options of [{ port }, { controlPort: port }]) {
    const failure = await createEngine(options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SimulatorError);
    expect(failure).toMatchObject({ code: 'listen-failed', retryable: false, cause: { code: 'EADDRINUSE' } });
  }
  taken.close();
});

test.each([
  [{ burstMs: -1 }, /burstMs must be between 0/],
  [{ port: 70_000 }, /port must be between 0 and 65535, not 70000/],
  [{ startDelayMs: [5, 1] as const }, /startDelayMs must be between 5/],
  [{ unevenness: { burstEveryMs: 10, jitterMs: 20 } }, /jitterMs must be between 0 and 10/],
  [{ version: 'x' }, /version must look like 3\.2\.11/],
  [{ faults: { stall: { durationMs: -1 } } }, /stall: durationMs/],
])('options that cannot be are refused at once: %j', (options, message) => {
  expect(() => createEngine(options)).toThrow(message);
});
