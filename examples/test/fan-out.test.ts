import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHANNELS, openPlayout } from '@acestream-orchestrator/engine-simulator';
import { analyseTs, TsAnalyser } from '@acestream-orchestrator/engine-simulator/testing';
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

/** The program, and the path at which it plays. */
const programs = [
  ['fan-out.ts', '/'],
  ['fastify.ts', '/live'],
  ['express.ts', '/live'],
  ['fetch-handler.ts', '/live'],
] as const;

test.each(programs)(
  '%s: two players share one reader of the source, and each starts with a picture',
  async (file, path) => {
    origin = await serveLive(playLive);
    const port = await freePort();
    example = runExample(file, origin.url, port);
    expect(await example.nextLine()).toContain(`http://localhost:${port}`);
    const seen = await Promise.all([1, 2].map(() => watch(`http://127.0.0.1:${port}${path}`)));
    for (const { start, syncLosses, continuityErrors } of seen.map((each) => each.finish())) {
      expect(start.decodable).toBe(true);
      expect([syncLosses, continuityErrors]).toEqual([[], []]);
    }
    expect(origin.readers).toBe(1);
    expect(await example.stop()).toBe(0);
  },
);

test.each(programs)('%s: a source that cannot be opened is said to the player', async (file, path) => {
  origin = await serveLive(playLive);
  const port = await freePort();
  example = runExample(file, `http://127.0.0.1:${await freePort()}/live.ts`, port);
  await example.nextLine();
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('/live.ts');
});

test('record.ts: the file begins with a picture and has the wanted length', async () => {
  origin = await serveLive(playLive);
  const folder = await mkdtemp(join(tmpdir(), 'record-'));
  try {
    const file = join(folder, 'channel.ts');
    example = runExample('record.ts', origin.url, file, '2');
    expect(await example.nextLine()).toMatch(/channel\.ts: \d+\.\d MB in 2 s/);
    expect(await example.ended()).toBe(0);
    const report = analyseTs(await readFile(file));
    expect(report.start.decodable).toBe(true);
    expect(report.continuityErrors).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
