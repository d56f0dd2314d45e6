import { expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { PortAllocator, type PortWish } from './port-allocator.ts';

const wish = (name: string, fields: Partial<PortWish> = {}): PortWish => ({
  name,
  probeAt: undefined,
  allows: () => true,
  ...fields,
});

it('holds nothing after a request of which one port could not be had', async () => {
  const ports = new PortAllocator({ range: { from: 1, to: 3 }, clock: fakeClock() });
  const first = await ports.allocate([wish('http'), wish('p2p')]);
  await expect(ports.allocate([wish('http'), wish('p2p')])).rejects.toMatchObject({ code: 'ports_exhausted' });
  expect(ports.ledger.taken()).toEqual(new Set([1, 2]));
  first.release();
  expect((await ports.allocate([wish('a'), wish('b'), wish('c')])).numbers).toEqual({ a: 1, b: 2, c: 3 });
});

it('holds nothing after a look at a port that failed', async () => {
  const ports = new PortAllocator({
    range: { from: 1, to: 3 },
    clock: fakeClock(),
    isFree: () => Promise.reject(new Error('too many open files')),
  });
  const wishes = [wish('http'), wish('p2p', { probeAt: '127.0.0.1' })];
  await expect(ports.allocate(wishes)).rejects.toThrow('too many open files');
  expect(ports.ledger.taken()).toEqual(new Set());
});

it('frees the ports of a container that was removed, without waiting for a listing', async () => {
  const ports = new PortAllocator({ range: { from: 1, to: 1 }, clock: fakeClock() });
  (await ports.allocate([wish('http')])).bind('container');
  await expect(ports.allocate([wish('http')])).rejects.toMatchObject({ code: 'ports_exhausted' });
  ports.ledger.releaseContainer('container');
  expect((await ports.allocate([wish('http')])).numbers).toEqual({ http: 1 });
});

it('passes over a port that another program has, and tries it again after a while', async () => {
  const clock = fakeClock();
  const foreign = new Set([1]);
  const isFree = async (port: number): Promise<boolean> => !foreign.has(port);
  const ports = new PortAllocator({ range: { from: 1, to: 2 }, clock, isFree });
  const ask = () => ports.allocate([wish('http', { probeAt: '127.0.0.1' })]);
  const first = await ask();
  expect(first.numbers).toEqual({ http: 2 });
  first.release();
  foreign.clear();
  const second = await ask();
  expect(second.numbers).toEqual({ http: 2 });
  await clock.advance(300_000);
  expect((await ask()).numbers).toEqual({ http: 1 });
});
