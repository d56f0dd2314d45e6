import { CHANNELS, openPlayout } from '@acestream-orchestrator/engine-simulator';
import { TsAnalyser } from '@acestream-orchestrator/engine-simulator/testing';
import { afterEach, expect, test } from 'vitest';
import { type LiveOrigin, serveLive } from './live-origin.ts';
import { freePort, type RunningExample, runExample } from './run-example.ts';

const playout = openPlayout(CHANNELS[0]!);
let origin: LiveOrigin;
let example: RunningExample;

afterEach(async () => {
  await example.stop();
  await origin.close();
});

/** Fifteen seconds at once, then real time. */
function playLive(response: { write(chunk: Uint8Array): unknown }): () => void {
  let offset = playout.offsetAt(Date.now() - 15_000);
  const send = (): void => {
    const due = playout.offsetAt(Date.now());
    response.write(playout.read(offset, due - offset));
    offset = due;
  };
  send();
  const timer = setInterval(send, 100);
  return () => clearInterval(timer);
}

/** What a player saw in its first two seconds of media. */
async function watch(url: string): Promise<TsAnalyser> {
  const analyser = new TsAnalyser();
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'video/mp2t']);
  let bytes = 0;
  for await (const chunk of response.body!) {
    analyser.push(chunk);
    bytes += chunk.length;
    if (bytes > 2 * playout.bytesPerSecond) break;
  }
  abort.abort();
  return analyser;
}

test('fan-out: two players share one reader of the source, and each starts with a picture', async () => {
  origin = await serveLive(playLive);
  const port = await freePort();
  example = runExample('fan-out.ts', origin.url, port);
  expect(await example.nextLine()).toContain(`http://localhost:${port}`);
  const reports = (await Promise.all([1, 2].map(() => watch(`http://127.0.0.1:${port}`)))).map((seen) => seen.finish());
  for (const { start, syncLosses, continuityErrors } of reports) {
    expect(start.decodable).toBe(true);
    expect([syncLosses, continuityErrors]).toEqual([[], []]);
  }
  expect(origin.readers).toBe(1);
  expect(await example.stop()).toBe(0);
});

test('fan-out: a source that cannot be opened is said to the player', async () => {
  origin = await serveLive(playLive);
  const port = await freePort();
  example = runExample('fan-out.ts', `http://127.0.0.1:${await freePort()}/live.ts`, port);
  await example.nextLine();
  const response = await fetch(`http://127.0.0.1:${port}`);
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('/live.ts');
});
