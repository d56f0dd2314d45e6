import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KeyStore } from '../src/api/key-store.ts';
import { LiveStore } from '../src/live/live-store.ts';

/** A feed that can be cut off and comes back. */
class Feed {
  readonly seen: { readonly lastEventId: string | undefined; readonly authorization: string | undefined }[] = [];
  readonly #open = new Set<ServerResponse>();
  #status = 200;
  readonly #server = createServer((request, response) => {
    const { authorization, 'last-event-id': lastEventId } = request.headers;
    this.seen.push({ lastEventId: lastEventId as string | undefined, authorization });
    if (this.#status !== 200) {
      response.writeHead(this.#status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'x', message: 'no', retryable: false } }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    this.#open.add(response);
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  answer(status: number): void {
    this.#status = status;
  }

  send(id: string, name: string, data: unknown): void {
    for (const response of this.#open) response.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
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

const snapshot = (...streams: string[]): unknown => ({
  engines: [],
  streams: streams.map((id) => ({ id, status: 'started', clients: 0, bitrate: 1 })),
  status: { status: 'healthy' },
  pulls: [],
});

let feed: Feed;
let keys: KeyStore;
let store: LiveStore;
let stop: () => void;

beforeEach(async () => {
  feed = new Feed();
  const origin = await feed.listen();
  vi.stubGlobal('document', Object.assign(new EventTarget(), { baseURI: `${origin}/panel/` }));
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('removeEventListener', () => {});
  keys = new KeyStore(undefined);
  store = new LiveStore(keys);
  stop = store.start();
});
afterEach(async () => {
  stop();
  vi.unstubAllGlobals();
  await feed.close();
});

const kind = (): string => store.get().connection.kind;

it('comes back by itself, goes on after the last message, and keeps in sight what it knew', async () => {
  await vi.waitFor(() => expect(kind()).toBe('live'));
  feed.send('f-1', 'snapshot', snapshot('a'));
  await vi.waitFor(() => expect([...store.get().streams.keys()]).toEqual(['a']));
  feed.cut();
  await vi.waitFor(() => expect(kind()).toBe('lost'));
  expect(store.get().streams.size).toBe(1);
  await vi.waitFor(() => expect(kind()).toBe('live'), { timeout: 5_000 });
  expect(feed.seen.map(({ lastEventId }) => lastEventId)).toEqual([undefined, 'f-1']);
  feed.send('f-2', 'stream_gone', { id: 'a' });
  await vi.waitFor(() => expect(store.get().streams.size).toBe(0));
});

it('does not try again without a key, and begins anew with one', async () => {
  await vi.waitFor(() => expect(kind()).toBe('live'));
  feed.send('f-1', 'snapshot', snapshot('a'));
  await vi.waitFor(() => expect(store.get().loaded).toBe(true));
  feed.answer(401);
  feed.cut();
  await vi.waitFor(() => expect(kind()).toBe('denied'), { timeout: 5_000 });
  const tries = feed.seen.length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(feed.seen).toHaveLength(tries);
  feed.answer(200);
  keys.set('the-key', 'memory');
  await vi.waitFor(() => expect(kind()).toBe('live'), { timeout: 5_000 });
  // With a key other things are seen: nothing of before is gone on with.
  expect(feed.seen.at(-1)).toEqual({ lastEventId: undefined, authorization: 'Bearer the-key' });
  expect(store.get().loaded).toBe(false);
});

it('is quiet when it is stopped', async () => {
  await vi.waitFor(() => expect(kind()).toBe('live'));
  stop();
  feed.cut();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(feed.seen).toHaveLength(1);
});
