import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CHANNELS } from '../src/index.ts';
import { CONTENT_ID, rawGet, start, testEngine, tryStart } from './test-engine.ts';

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
/** md5 of 127.0.0.1. */
const KEY = 'f528764d624db129b32c21fbca0cb8d6';

test('a start answers with the URLs of the session', async () => {
  const engine = await testEngine();
  const infohash = sha1(CONTENT_ID);
  const { response, error } = await tryStart(engine);
  expect(error).toBeNull();
  expect(response).toEqual({
    playback_url: `${engine.url}/ace/r/${infohash}/${KEY}`,
    stat_url: `${engine.url}/ace/stat/${infohash}/${KEY}`,
    command_url: `${engine.url}/ace/cmd/${infohash}/${KEY}`,
    infohash,
    playback_session_id: expect.stringMatching(/^[0-9a-f]{40}$/),
    is_live: 1,
    is_encrypted: 0,
    client_session_id: -1,
  });
});

test('an event URL comes, and comes first, when events are asked for', async () => {
  const engine = await testEngine();
  const answer = await start(engine, `id=${CONTENT_ID}&use_api_events=1`);
  expect(Object.keys(answer)[0]).toBe('event_url');
  expect(answer.event_url).toBe(`${engine.url}/ace/event/${answer.infohash}/${KEY}`);
});

test('the key is made of the client’s address and its player id, by either name', async () => {
  const engine = await testEngine();
  const key = createHash('md5').update('127.0.0.1:viewer-1').digest('hex');
  const byPid = await start(engine, `id=${CONTENT_ID}&pid=viewer-1`);
  const bySid = await start(engine, `id=${CONTENT_ID}&sid=viewer-1`);
  expect(byPid.playback_url).toContain(key);
  expect(bySid.playback_url).toContain(key);
});

test('engines before 3.1.29 know sid, not pid', async () => {
  const engine = await testEngine({ version: '3.1.16' });
  expect((await start(engine, `id=${CONTENT_ID}&pid=viewer-1`)).playback_url).toContain(KEY);
  expect((await start(engine, `id=${CONTENT_ID}&sid=viewer-1`)).playback_url).not.toContain(KEY);
});

test('without format=json a start redirects to playback', async () => {
  const engine = await testEngine();
  const progressive = rawGet(`${engine.url}/ace/getstream?id=${CONTENT_ID}`);
  await progressive.ended;
  expect(progressive.header('Location')).toBe(`${engine.url}/ace/r/${sha1(CONTENT_ID)}/${KEY}`);
  const hls = rawGet(`${engine.url}/ace/manifest.m3u8?id=${CONTENT_ID}`);
  await hls.ended;
  expect(hls.header('Location')).toBe(`${engine.url}/ace/m/${sha1(CONTENT_ID)}/${KEY}.m3u8`);
});

test('a content can be named by content id, infohash, transport file or magnet link', async () => {
  const engine = await testEngine();
  const [channel] = CHANNELS;
  const file = 'http://example.test/a.acelive';
  expect((await start(engine, `content_id=${CONTENT_ID}`)).infohash).toBe(sha1(CONTENT_ID));
  expect((await start(engine, `infohash=${channel!.infohash.toUpperCase()}`)).infohash).toBe(channel!.infohash);
  expect((await start(engine, `url=${encodeURIComponent(file)}`)).infohash).toBe(sha1(file));
  const magnet = encodeURIComponent(`magnet:?xt=urn:btih:${channel!.infohash}`);
  expect((await start(engine, `magnet=${magnet}`)).infohash).toBe(channel!.infohash);
});

test('an infohash sent as a content id fails to load', async () => {
  const engine = await testEngine();
  expect(await tryStart(engine, `id=${CHANNELS[0]!.infohash}`)).toEqual({
    response: null,
    error: 'failed to load content',
  });
});

test('a start that names nothing is refused', async () => {
  const engine = await testEngine();
  expect(await tryStart(engine, 'pid=1')).toEqual({ response: null, error: 'missing content id' });
});

test('in redirect mode a failure is a 500 with its text', async () => {
  const engine = await testEngine();
  const connection = rawGet(`${engine.url}/ace/getstream?id=nonsense`);
  await connection.ended;
  expect(connection.status).toBe(500);
  expect(connection.body.toString()).toBe('failed to load content');
});
