import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readEventStream, type ServerSentEvent } from './read-event-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function pushable(): { body: ReadableStream<Uint8Array>; push(text: string): void; end(): void; cancelled(): boolean } {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      cancelled = true;
    },
  });
  return {
    body,
    push: (text) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    cancelled: () => cancelled,
  };
}

it('reads events however the bytes are split', async () => {
  const { body, push, end } = pushable();
  const events: ServerSentEvent[] = [];
  const reading = readEventStream(body, {
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
  });
  for (const byte of 'id: 7\nevent: stream\ndata: {"a":\ndata: 1}\n\n: a comment\n\ndata: last\n\n') push(byte);
  end();
  await reading;
  expect(events).toEqual([
    { id: '7', name: 'stream', data: '{"a":\n1}' },
    { id: undefined, name: 'message', data: 'last' },
  ]);
});

it('counts a silent connection as dead, and a comment as a sign of life', async () => {
  const { body, push, cancelled } = pushable();
  const reading = readEventStream(body, { signal: new AbortController().signal, onEvent: () => {}, silenceMs: 1_000 });
  reading.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(900);
  push(': still here\n\n');
  await vi.advanceTimersByTimeAsync(900);
  expect(cancelled()).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  await expect(reading).rejects.toThrow('fell silent');
  expect(cancelled()).toBe(true);
});

it('ends with the reason of its signal, and lets the body go', async () => {
  const { body, cancelled } = pushable();
  const controller = new AbortController();
  const reading = readEventStream(body, { signal: controller.signal, onEvent: () => {} });
  controller.abort(new Error('left'));
  await expect(reading).rejects.toThrow('left');
  expect(cancelled()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
