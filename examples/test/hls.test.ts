import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FileServer, serveFiles } from './file-server.ts';
import { freePort, type RunningExample, runExample } from './run-example.ts';

let files: FileServer;
let example: RunningExample;

beforeEach(async () => {
  files = await serveFiles();
  files.publish(40, 43);
});
afterEach(async () => {
  await example.stop();
  await files.close();
});

/** The segments that a player finds in a playlist, as text. */
async function watch(entry: string): Promise<{ url: string; texts: string[] }> {
  const response = await fetch(entry);
  const uris = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const texts = uris.map(async (uri) => (await fetch(new URL(uri, response.url))).text());
  return { url: response.url, texts: await Promise.all(texts) };
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `bytes of ${from + index}`);

test.each([
  ['republish-playlist.ts', '/live.m3u8'],
  ['hls-in-a-fetch-app.ts', '/tv/news.m3u8'],
])('%s: two players get every segment of a window that moves, each fetched once', async (file, path) => {
  const port = await freePort();
  example = runExample(file, files.url, port);
  expect(await example.nextLine()).toContain(path);
  const entry = `http://127.0.0.1:${port}${path}`;
  const [one] = await Promise.all([watch(entry), watch(entry)]);
  expect(one.texts.slice(0, 3)).toEqual(numbers(40, 42));
  files.publish(43, 47);
  const until = Date.now() + 10_000;
  let seen = one.texts;
  while (seen.at(-1) !== 'bytes of 47' && Date.now() < until) {
    await delay(100);
    seen = (await watch(one.url)).texts;
  }
  expect(seen).toEqual(numbers(40, 47));
  const fetched = files.requests.filter((request) => request.startsWith('/segment-'));
  expect(fetched.toSorted()).toEqual(numbers(40, 47).map((text) => `/segment-${text.slice(-2)}.ts`));
  expect(await example.stop()).toBe(0);
});

test('hls-in-a-fetch-app.ts: what is not television is the rest of the application', async () => {
  const port = await freePort();
  example = runExample('hls-in-a-fetch-app.ts', files.url, port);
  await example.nextLine();
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('Hello');
  expect((await fetch(`http://127.0.0.1:${port}/tv/other.m3u8`)).status).toBe(404);
});
