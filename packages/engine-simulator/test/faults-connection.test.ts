import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  CONTENT_ID,
  type EngineAnswer,
  getJson,
  OTHER_CONTENT_ID,
  play,
  rawGet,
  readPlayback,
  start,
  testEngine,
  tryStart,
  until,
} from './test-engine.ts';

const VERSION = '/webui/api/service?method=get_version';

test('1 refuse-connections: new connections are refused, open ones go on, and clearing it listens on the same port', async () => {
  const engine = await testEngine();
  const reader = await play(engine);
  await reader.untilBody(1000);
  engine.faults.set('refuse-connections');
  const refused = rawGet(`${engine.url}${VERSION}`);
  await refused.ended;
  expect(refused.failure).toMatchObject({ code: 'ECONNREFUSED' });
  expect(engine.state().listening).toBe(false);
  await reader.untilBody(reader.bodyBytes + 100_000);

  await engine.faults.clear('refuse-connections');
  await getJson(`${engine.url}${VERSION}`);
});

test('2 reset-connections: connections are accepted and reset', async () => {
  const engine = await testEngine();
  engine.faults.set('reset-connections');
  const connection = rawGet(`${engine.url}${VERSION}`);
  expect(await connection.ended).toBe('reset');
  expect(connection.failure).toMatchObject({ code: 'ECONNRESET' });
  await engine.faults.clear();
  await getJson(`${engine.url}${VERSION}`);
});

test('3 api-hangs: start, stat, stop and search hang while get_version answers, until it is cleared', async () => {
  const engine = await testEngine();
  const { stat_url, command_url } = await start(engine);
  engine.faults.set('api-hangs');
  const held = [
    rawGet(`${engine.url}/ace/getstream?format=json&id=${OTHER_CONTENT_ID}&pid=x`),
    rawGet(stat_url),
    rawGet(`${command_url}?method=stop`),
    rawGet(`${engine.url}/search?query=a`),
  ];
  await getJson(`${engine.url}${VERSION}`);
  await getJson(`${engine.url}/server/api?api_version=3&method=get_status`);
  await delay(100);
  expect(held.map(({ bytesReceived }) => bytesReceived)).toEqual([0, 0, 0, 0]);
  await engine.faults.clear('api-hangs');
  await Promise.all(held.map(({ ended }) => ended));
  expect(held.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('3 api-hangs: what hangs can be chosen, for one content too', async () => {
  const engine = await testEngine();
  const { stat_url, infohash } = await start(engine, `id=${CONTENT_ID}&pid=a`);
  const other = await start(engine, `id=${OTHER_CONTENT_ID}&pid=b`);
  engine.faults.set('api-hangs', { endpoints: ['stat'], infohash });
  engine.faults.set('api-hangs', { endpoints: ['server-api'] });
  const held = [rawGet(stat_url), rawGet(`${engine.url}/server/api?method=get_status`)];
  await getJson(other.stat_url);
  await getJson(`${engine.url}/search?query=a`);
  expect(held.map(({ bytesReceived }) => bytesReceived)).toEqual([0, 0]);
});

test('19 crash: readers are reset, connections refused, and the engine comes back knowing nothing', async () => {
  const engine = await testEngine();
  const { stat_url, playback_url } = await start(engine);
  const reader = await readPlayback(playback_url);
  await reader.untilBody(1000);
  engine.faults.set('crash', { restartAfterMs: 300 });
  expect(await reader.ended).toBe('reset');
  const refused = rawGet(`${engine.url}${VERSION}`);
  await refused.ended;
  expect(refused.failure).toMatchObject({ code: 'ECONNREFUSED' });

  await until('the engine is back', () => engine.state().listening);
  expect(engine.state()).toMatchObject({ crashes: 1, downloads: [], faults: [] });
  expect((await getJson<EngineAnswer<unknown>>(stat_url)).error).toBe('unknown playback session id');
  expect((await fetch(playback_url)).status).toBe(500);
  // Keys are deterministic: after a new start the old URLs lead somewhere again.
  await start(engine);
  expect((await getJson<EngineAnswer<unknown>>(stat_url)).error).toBeNull();
});

test('19 crash: it can wait for a number of running contents', async () => {
  const engine = await testEngine();
  engine.faults.set('crash', { downloads: 2, restartAfterMs: 0 });
  await start(engine, `id=${CONTENT_ID}&pid=a`);
  expect(engine.state().crashes).toBe(0);
  await expect(tryStart(engine, `id=${OTHER_CONTENT_ID}&pid=b`)).rejects.toThrow();
  expect(engine.state().crashes).toBe(1);
});

test('19 crash: clearing the fault brings the engine back at once', async () => {
  const engine = await testEngine();
  engine.faults.set('crash', { restartAfterMs: 60_000 });
  expect(engine.state().listening).toBe(false);
  await engine.faults.clear('crash');
  await getJson(`${engine.url}${VERSION}`);
});
