import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen, runExample } from './run-example.ts';

/** A service that notes how busy it was. */
interface Service {
  readonly server: Server;
  readonly url: string;
  healthy: boolean;
  fails: boolean;
  jobs: string[];
  running: number;
  mostAtOnce: number;
}

let services: Service[];

beforeEach(async () => {
  services = await Promise.all([1, 2, 3].map(startService));
});
afterEach(async () => {
  for (const { server } of services) {
    server.close();
    await once(server, 'close');
  }
});

async function startService(): Promise<Service> {
  const server = createServer(async (request, response) => {
    if (request.url === '/health') return void response.writeHead(service.healthy ? 200 : 503).end();
    if (service.fails) return void response.writeHead(500).end();
    service.jobs.push(request.url!.slice(1));
    service.running++;
    service.mostAtOnce = Math.max(service.mostAtOnce, service.running);
    await pause(30);
    service.running--;
    response.end('done');
  });
  server.keepAliveTimeout = 10;
  const url = await listen(server);
  const service: Service = { server, url, healthy: true, fails: false, jobs: [], running: 0, mostAtOnce: 0 };
  return service;
}

async function runJobs(): Promise<readonly string[]> {
  const example = runExample('lease-services.ts', ...services.map(({ url }) => url));
  expect(await example.ended()).toBe(0);
  return example.lines;
}

const everyJob = Array.from({ length: 12 }, (_, index) => `job-${index}`).sort();

test('lease-services: every job runs once, two at a time on each of three services', async () => {
  const lines = await runJobs();
  expect(lines.map((line) => line.split(':')[0]).sort()).toEqual(everyJob);
  expect(services.flatMap(({ jobs }) => jobs).sort()).toEqual(everyJob);
  expect(services.map(({ mostAtOnce }) => mostAtOnce)).toEqual([2, 2, 2]);
});

test('lease-services: a service that is not healthy gets no job', async () => {
  services[1]!.healthy = false;
  expect((await runJobs()).length).toBe(12);
  expect(services.map(({ jobs }) => jobs.length > 0)).toEqual([true, false, true]);
});

test('lease-services: jobs that fail on one service are done by the others', async () => {
  services[0]!.fails = true;
  await runJobs();
  expect(
    services
      .slice(1)
      .flatMap(({ jobs }) => jobs)
      .sort(),
  ).toEqual(everyJob);
});
