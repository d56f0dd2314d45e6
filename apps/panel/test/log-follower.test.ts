import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keptLines, LogFollower } from '../src/api/log-follower.ts';

/** A server whose containers write what a test says. */
class Container {
  readonly asked: string[] = [];
  readonly authorization: (string | undefined)[] = [];
  readonly #open = new Set<ServerResponse>();
  status = 200;
  readonly #server = createServer((request, response) => {
    this.asked.push(request.url ?? '');
    this.authorization.push(request.headers.authorization);
    if (this.status !== 200) {
      response.writeHead(this.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'container_not_found', message: 'gone', retryable: false } }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain' }).flushHeaders();
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
  });

  async listen(): Promise<URL> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/base/`);
  }

  get readers(): number {
    return this.#open.size;
  }

  write(text: string): void {
    for (const response of this.#open) response.write(text);
  }

  cut(): void {
    for (const response of this.#open) response.destroy();
    this.#open.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let container: Container;
let follower: LogFollower;
let stop: () => void;

beforeEach(async () => {
  container = new Container();
  const keys = { headers: () => ({ authorization: 'Bearer secret' }) };
  follower = new LogFollower({ server: await container.listen(), containerId: 'a/b', keys });
  stop = follower.start();
  await vi.waitFor(() => expect(container.asked).toHaveLength(1));
});
afterEach(async () => {
  stop();
  await container.close();
});

const texts = (): string[] => follower.get().lines.map(({ text }) => text);

it('takes lines as they are written, however they are split, with their times', async () => {
  await vi.waitFor(() => expect(container.readers).toBe(1));
  container.write('2026-01-02T03:04:05.678Z one\n2026-01-02T03:04:06.000Z tw');
  container.write('o\nno time\nunfinished');
  await vi.waitFor(() => expect(texts()).toEqual(['one', 'two', 'no time']));
  expect(follower.get()).toMatchObject({ connection: 'live', problem: undefined });
  expect(follower.get().lines.map(({ at }) => at)).toEqual([
    Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    Date.UTC(2026, 0, 2, 3, 4, 6),
    undefined,
  ]);
  expect(container.asked).toEqual(['/base/api/v1/containers/a%2Fb/logs?follow=true&timestamps=true&tail=1000']);
  expect(container.authorization).toEqual(['Bearer secret']);
});

it('keeps so many lines and no more', async () => {
  await vi.waitFor(() => expect(container.readers).toBe(1));
  for (let line = 0; line < keptLines * 3; line += 1) container.write(`line ${line}\n`);
  await vi.waitFor(() => expect(texts().at(-1)).toBe(`line ${keptLines * 3 - 1}`), 10_000);
  expect(texts()).toHaveLength(keptLines);
});

it('shows what it has while the server is away, then its tail anew and no line twice', async () => {
  await vi.waitFor(() => expect(container.readers).toBe(1));
  container.write('one\ntwo\n');
  await vi.waitFor(() => expect(texts()).toEqual(['one', 'two']));
  container.cut();
  await vi.waitFor(() => expect(follower.get().connection).toBe('lost'));
  expect(texts()).toEqual(['one', 'two']);
  follower.retry();
  await vi.waitFor(() => expect(container.readers).toBe(1), 5_000);
  container.write('two\nthree\n');
  await vi.waitFor(() => expect(texts()).toEqual(['two', 'three']));
});

it('does not go on asking for a container that is gone, until it is told to', async () => {
  await vi.waitFor(() => expect(container.readers).toBe(1));
  container.status = 404;
  container.cut();
  await vi.waitFor(() => expect(follower.get().problem).toMatchObject({ code: 'container_not_found' }), 5_000);
  const asked = container.asked.length;
  container.status = 200;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(container.asked).toHaveLength(asked);
  follower.retry();
  await vi.waitFor(() => expect(follower.get().connection).toBe('live'));
});

it('lets go of the connection when it is stopped', async () => {
  await vi.waitFor(() => expect(container.readers).toBe(1));
  stop();
  await vi.waitFor(() => expect(container.readers).toBe(0));
});
