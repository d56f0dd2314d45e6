import { expect, test } from 'vitest';
import { CHANNELS } from '../src/index.ts';
import { getJson, testEngine } from './test-engine.ts';

interface SearchAnswer {
  readonly result: {
    readonly total: number;
    readonly results: readonly { readonly name: string; readonly items: readonly { readonly infohash: string }[] }[];
  };
}

test('get_version tells version, code and platform', async () => {
  const engine = await testEngine({ version: '3.2.3' });
  const answer = await getJson(`${engine.url}/webui/api/service?method=get_version`);
  expect(answer).toEqual({
    result: { code: 3020300, platform: 'linux', version: '3.2.3', websocket_port: 43879 },
    error: null,
  });
});

test('get_version can be had as a script', async () => {
  const engine = await testEngine();
  const text = await (
    await fetch(`${engine.url}/webui/api/service?method=get_version&format=jsonp&callback=cb`)
  ).text();
  expect(text).toMatch(/^cb\(\{.*\}\);$/);
  expect(JSON.parse(text.slice(3, -2)).result.version).toBe('3.2.11');
});

test('the server API tells status and connection', async () => {
  const engine = await testEngine();
  expect(await getJson(`${engine.url}/server/api?api_version=3&method=get_status`)).toEqual({
    result: { playlist_loaded: true, version: { code: 3021100, platform: 'linux', version: '3.2.11' } },
  });
  expect(await getJson(`${engine.url}/server/api?api_version=3&method=get_network_connection_status`)).toEqual({
    result: { connected: true },
  });
});

test('private methods take the token that local clients can ask for', async () => {
  const engine = await testEngine();
  const api = `${engine.url}/server/api?api_version=3`;
  const { result } = await getJson<{ result: { token: string } }>(`${api}&method=get_api_access_token`);
  expect(result.token).toMatch(/^[0-9a-f]{64}$/);
  expect(await getJson(`${api}&method=set_allow_remote_access&value=0&token=${result.token}`)).toEqual({
    result: 'ok',
  });
  expect(await getJson(`${api}&method=set_allow_remote_access&value=0&token=wrong`)).toEqual({
    error: { message: 'access denied', code: 0 },
  });
  expect(await getJson(`${api}&method=search&query=radio`)).toEqual({ error: { message: 'access denied', code: 0 } });
  const found = await getJson<SearchAnswer>(`${api}&method=search&query=radio&token=${result.token}`);
  expect(found.result.total).toBe(2);
});

test('a content is described by any of its names', async () => {
  const engine = await testEngine();
  const api = `${engine.url}/server/api?api_version=3`;
  const { contentId, infohash, name } = CHANNELS[0]!;
  expect(await getJson(`${api}&method=get_content_id&infohash=${infohash}`)).toEqual({
    result: { content_id: contentId },
  });
  expect(await getJson(`${api}&method=get_media_files&content_id=${contentId}`)).toMatchObject({
    result: { name, infohash, transport_type: 'bt', type: 'live', files: [{ infohash }] },
  });
  for (const query of [`acestream://${contentId}`, contentId, `magnet:?xt=urn:btih:${infohash}`]) {
    expect(await getJson(`${api}&method=analyze_content&query=${encodeURIComponent(query!)}`)).toMatchObject({
      result: { is_live: 1, infohash, title: name },
    });
  }
  expect(await getJson(`${api}&method=get_content_id&infohash=${'0'.repeat(40)}`)).toEqual({
    error: { message: 'content id not found', code: 0 },
  });
});

test('an unknown method is an error object, with HTTP 200', async () => {
  const engine = await testEngine();
  expect(await getJson(`${engine.url}/server/api?method=constructor`)).toEqual({
    error: { message: 'unknown method', code: 0 },
  });
});

test('search finds by words and category, in pages, and answers with infohashes', async () => {
  const engine = await testEngine();
  const search = (query: string): Promise<SearchAnswer> => getJson(`${engine.url}/search?${query}`);
  const all = await search('page_size=200');
  expect(all.result.total).toBe(CHANNELS.length);
  expect(all.result.results.map(({ items }) => items[0]!.infohash)).toEqual(CHANNELS.map(({ infohash }) => infohash));
  const sport = await search('category=sport&query=colour+bars');
  expect(sport.result.results.map(({ name }) => name)).toEqual(['Colour Bars Sport']);
  const second = await search('page=1&page_size=4');
  expect(second.result.total).toBe(CHANNELS.length);
  expect(second.result.results.map(({ name }) => name)).toEqual(CHANNELS.slice(4, 8).map(({ name }) => name));
});
