import { createEngine } from '@acestream-orchestrator/engine-simulator';
import { expect, it } from 'vitest';
import { Player } from './player.ts';
import { content } from './serve.ts';
import { spawnServer } from './server-process.ts';

const key = 'key-of-the-tests';
const headers = { 'x-api-key': key, 'content-type': 'application/json' };

it('memory and handles stay as they are over thousands of requests, joins, failures and changes of settings', async () => {
  await using engine = await createEngine({ controlPort: false, resolveDelayMs: 0, startDelayMs: 5 });
  await using server = await spawnServer({
    ENGINE_URLS: engine.url,
    API_KEY: key,
    LOG_LEVEL: 'info',
    LINGER_MS: '0',
    STREAMS_PER_ENGINE: '20',
    MEMORY_LIMIT_MB: '64',
  });
  const { origin } = server;
  const figure = async (name: string): Promise<number> => {
    const text = await (await fetch(`${origin}/metrics`, { headers })).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const get = async (path: string): Promise<void> => void (await (await fetch(origin + path, { headers })).text());
  let number = 0;
  const play = async (): Promise<void> => {
    using player = new Player(`${origin}/ace/getstream?id=${content(number++)}`);
    await player.more(188 * 10);
  };
  const round = async (): Promise<void> => {
    const feed = new AbortController();
    const live = await fetch(`${origin}/api/v1/live`, { headers, signal: feed.signal });
    for (let index = 0; index < 20; index++) {
      if (index % 5 === 0) await play();
      await Promise.all(
        ['/streams', '/engines', '/events', '/settings', '/diagnose?id=x', '/nothing', '/metrics/history'].map(get),
      );
      const body = JSON.stringify({ max_streams: 100 + (index % 50) });
      await (await fetch(`${origin}/settings`, { method: 'POST', headers, body })).text();
    }
    feed.abort();
    await live.body?.cancel().catch(() => {});
  };
  for (let index = 0; index < 4; index++) await round();
  const before = {
    heap: await figure('nodejs_heap_size_used_bytes'),
    handles: await figure('nodejs_active_handles_total'),
  };
  for (let index = 0; index < 12; index++) await round();
  const after = {
    heap: await figure('nodejs_heap_size_used_bytes'),
    handles: await figure('nodejs_active_handles_total'),
  };
  // Bounded books (ended streams, attempts, events that wait) fill up in the first rounds; what is left is noise.
  expect(after.heap).toBeLessThan(before.heap * 1.5 + 20_000_000);
  expect(after.handles).toBeLessThanOrEqual(before.handles + 10);
});
