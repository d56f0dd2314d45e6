import { expect, test } from 'vitest';
import { CHANNELS, type EngineState, FAULT_NAMES, type FaultState, type LoggedRequest } from '../src/index.ts';
import { CONTENT_ID, type EngineAnswer, getJson, play, rawGet, start, testEngine, until } from './test-engine.ts';

async function send<T>(method: string, url: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

test('the state shows downloads, players, readers and counts', async () => {
  const engine = await testEngine();
  const reader = await play(engine, `id=${CONTENT_ID}&pid=me`);
  await reader.untilBody(1000);
  const state = await getJson<EngineState>(`${engine.controlUrl}/state`);
  expect(state).toMatchObject({
    url: engine.url,
    version: '3.2.11',
    listening: true,
    connections: 1,
    crashes: 0,
    faults: [],
  });
  const [download] = state.downloads;
  expect(download).toMatchObject({ name: 'Test Card One', status: 'dl', players: [{ playerId: 'me', format: 'ts' }] });
  expect(download!.reader!.bytesSent).toBeGreaterThan(1000);
  expect(state.contents[download!.infohash]).toMatchObject({ starts: 1, downloads: 1, readers: 1, stops: 0 });
});

test('a fault is set, listed and cleared', async () => {
  const engine = await testEngine();
  const { infohash, playback_url } = await start(engine);
  const set = await send<FaultState[]>('PUT', `${engine.controlUrl}/faults/playback-fails`, {
    infohash,
    text: 'failed to start',
  });
  expect(set.status).toBe(200);
  expect(set.body).toEqual([{ name: 'playback-fails', parameters: { text: 'failed to start' }, infohash, met: 0 }]);
  expect(await (await fetch(playback_url)).text()).toBe('failed to start');

  const other = await send<FaultState[]>(
    'DELETE',
    `${engine.controlUrl}/faults/playback-fails?infohash=${'0'.repeat(40)}`,
  );
  expect(other.body).toHaveLength(1);
  const cleared = await send<FaultState[]>('DELETE', `${engine.controlUrl}/faults/playback-fails?infohash=${infohash}`);
  expect(cleared.body).toEqual([]);
});

test('all faults are cleared at once, and the engine listens again when the answer comes', async () => {
  const engine = await testEngine();
  await send('PUT', `${engine.controlUrl}/faults/stall`);
  await send('PUT', `${engine.controlUrl}/faults/refuse-connections`);
  await expect(fetch(engine.url)).rejects.toThrow();
  expect((await send('DELETE', `${engine.controlUrl}/faults`)).status).toBe(200);
  expect((await fetch(engine.url)).status).toBe(500);
  expect(engine.faults.list()).toEqual([]);
});

test('known faults are listed with their parameters', async () => {
  const engine = await testEngine();
  const { known } = await getJson<{ known: { name: string; parameters: Record<string, { default: unknown }> }[] }>(
    `${engine.controlUrl}/faults`,
  );
  expect(known.map(({ name }) => name)).toEqual(FAULT_NAMES);
  expect(known.find(({ name }) => name === 'stall')!.parameters).toMatchObject({
    durationMs: { default: 10_000 },
    afterBytes: { default: 0 },
  });
});

test.each([
  ['an unknown fault', 'no-such-fault', {}, 404, /there is no fault "no-such-fault"; there are refuse-connections/],
  ['an unknown parameter', 'stall', { duration: 1 }, 400, /stall has no parameter "duration"; it takes durationMs/],
  ['a wrong type', 'stall', { durationMs: '1' }, 400, /stall: durationMs must be of type integer/],
  ['a value out of bounds', 'slow-drip', { ratio: 2 }, 400, /ratio must be between 0.001 and 1, not 2/],
  ['a wrong choice', 'bad-redirect', { kind: 'ftp' }, 400, /kind must be one of loop, https/],
  ['a wrong list', 'api-hangs', { endpoints: ['all'] }, 400, /endpoints must be a list of start/],
  ['a wrong infohash', 'stall', { infohash: 'abc' }, 400, /40 hex digits/],
  ['a scope that the fault has not', 'crash', { infohash: 'a'.repeat(40) }, 400, /crash has no parameter "infohash"/],
  ['no object', 'stall', [1], 400, /must be a JSON object/],
  ['no JSON', 'stall', '{', 400, /must be a JSON object/],
] as const)('%s is refused with a sentence', async (_what, name, settings, status, message) => {
  const engine = await testEngine();
  const answer = await send<{ error: string }>('PUT', `${engine.controlUrl}/faults/${name}`, settings);
  expect(answer.status).toBe(status);
  expect(answer.body.error).toMatch(message);
  expect(engine.faults.list()).toEqual([]);
});

test('requests can be looked at and forgotten', async () => {
  const engine = await testEngine();
  await start(engine);
  const [request] = await getJson<LoggedRequest[]>(`${engine.controlUrl}/requests`);
  expect(request).toMatchObject({
    method: 'GET',
    target: `/ace/getstream?format=json&id=${CONTENT_ID}`,
    remoteAddress: '127.0.0.1',
    status: 200,
  });
  expect(request!.headers['host']).toBe(new URL(engine.url).host);
  await send('DELETE', `${engine.controlUrl}/requests`);
  expect(await getJson(`${engine.controlUrl}/requests`)).toEqual([]);
});

test('an event is sent to the players of a content', async () => {
  const engine = await testEngine();
  const { infohash, event_url } = await start(engine, `id=${CONTENT_ID}&use_api_events=1`);
  const poll = rawGet(event_url!);
  await until('the poll waits', () => engine.state().connections === 1);
  const sent = await send('POST', `${engine.controlUrl}/events/${infohash}`, {
    name: 'live_changed',
    params: { is_live: 0 },
  });
  expect(sent.body).toEqual({ players: 1 });
  await poll.ended;
  expect((JSON.parse(poll.body.toString()) as EngineAnswer<unknown>).response).toEqual({
    name: 'live_changed',
    params: { is_live: 0 },
  });
  expect((await send('POST', `${engine.controlUrl}/events/${infohash}`, { params: {} })).status).toBe(400);
});

test('the catalogue is listed', async () => {
  const engine = await testEngine();
  expect(await getJson(`${engine.controlUrl}/channels`)).toEqual(CHANNELS);
});

test('other paths and methods answer 404', async () => {
  const engine = await testEngine();
  expect((await send('GET', `${engine.controlUrl}/`)).status).toBe(404);
  expect((await send('PATCH', `${engine.controlUrl}/state`)).status).toBe(404);
  expect((await send('GET', `${engine.controlUrl}/faults/stall/more`)).status).toBe(404);
});
