import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, type RunningExample, runExample } from './run-example.ts';

let example: RunningExample;
let url: string;

beforeEach(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  example = runExample('time-operations.ts', port);
  await example.nextLine();
});
afterEach(async () => {
  expect(await example.stop()).toBe(0);
});

async function get(path: string): Promise<string> {
  return (await fetch(url + path, { headers: { connection: 'close' } })).text();
}

test('time-operations: what was done is in the report, and failures are told apart', async () => {
  for (const name of ['world', 'moon', 'sun']) expect(await get(`/${name}`)).toBe(`Hello, ${name}!\n`);
  await get('/');
  const report: unknown = JSON.parse(await get('/report?window=10'));
  expect(report).toMatchObject({ window_seconds: 10, operations: { render: { count: 4, success_rate: 75 } } });
  const { p50_ms } = (report as { operations: { render: { p50_ms: number } } }).operations.render;
  expect(p50_ms).toBeGreaterThan(4);
});

test('time-operations: Prometheus scrapes the same counts', async () => {
  await get('/world');
  await get('/');
  const scrape = await get('/metrics');
  expect(scrape).toContain('# TYPE example_operation_duration_seconds histogram');
  expect(scrape).toContain('example_operation_duration_seconds_count{operation="render",outcome="success"} 1');
  expect(scrape).toContain('example_operation_duration_seconds_count{operation="render",outcome="failure"} 1');
});
