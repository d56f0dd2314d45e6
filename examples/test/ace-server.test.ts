import { CHANNELS, createEngine } from '@acestream-orchestrator/engine-simulator';
import { TsAnalyser } from '@acestream-orchestrator/engine-simulator/testing';
import { expect, test } from 'vitest';
import { freePort, runExample } from './run-example.ts';

test('ace-server.ts: players of MPEG-TS and HLS share one session on the engine, which is stopped in the end', async () => {
  const { infohash } = CHANNELS[0]!;
  await using engine = await createEngine({ port: 0 });
  const port = await freePort();
  const example = runExample('ace-server.ts', engine.url, port);
  await example.nextLine();

  const analyser = new TsAnalyser();
  const abort = new AbortController();
  const stream = await fetch(`http://127.0.0.1:${port}/${infohash}.ts`, { signal: abort.signal });
  let bytes = 0;
  for await (const chunk of stream.body!) {
    analyser.push(chunk);
    bytes += chunk.length;
    if (bytes > 500_000) break;
  }
  const { start, continuityErrors } = analyser.finish();
  expect([start.decodable, continuityErrors]).toEqual([true, []]);

  const playlist = await fetch(`http://127.0.0.1:${port}/${infohash}.m3u8`);
  const segment = /^\S+\.ts\S*$/m.exec(await playlist.text())?.[0];
  const first = await fetch(new URL(segment ?? 'missing', playlist.url));
  expect(new Uint8Array(await first.arrayBuffer())[0]).toBe(0x47);
  expect(engine.state().downloads).toHaveLength(1);

  const report: unknown = await (await fetch(`http://127.0.0.1:${port}/metrics`)).json();
  expect(report).toMatchObject({ operations: { open: { count: 1, success_rate: 100 } } });
  abort.abort();
  expect(await example.stop()).toBe(0);
  await expect.poll(() => engine.state().downloads).toEqual([]);
}, 60_000);
