import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { systemClock } from '../time/clock.ts';
import { reach } from './reach.ts';

const clock = systemClock;
const { signal } = new AbortController();

it('tells what accepts from what refuses a connection', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect(await reach('127.0.0.1', port, { clock, signal })).toBe('open');
  await new Promise((resolve) => server.close(resolve));
  expect(await reach('127.0.0.1', port, { clock, signal })).toBe('refused');
});

it('gives up on what there is no way to', async () => {
  // A name that never resolves is as far away as a network without a route.
  expect(await reach('nowhere.invalid', 80, { clock, signal, timeoutMs: 600 })).toBe('silent');
});

it('ends with the signal', async () => {
  const leaving = new AbortController();
  const reaching = reach('nowhere.invalid', 80, { clock, signal: leaving.signal, timeoutMs: 60_000 });
  leaving.abort(new Error('left'));
  await expect(reaching).rejects.toThrow('left');
});
