import { expect, test } from 'vitest';
import { transportStream } from '../src/testing.ts';
import { stage } from './stage.ts';

const stream = transportStream({ durationMs: 20_000 });
const second = stream.length / 20;

test('other settings hold for sessions that start afterwards; limits hold at once', async () => {
  const { proxy, clock, sources } = stage({ linger: { ms: 60_000 } });
  const leaves = async (key: string): Promise<void> => {
    const joining = proxy.join(key);
    await clock.advance(0);
    sources.at(-1)!.push(stream.subarray(0, 3 * second));
    const client = await joining;
    await client[Symbol.asyncDispose]();
    await clock.advance(50);
  };
  await leaves('before');
  proxy.configure({ linger: { ms: 0 }, limits: { sessions: 2 } });
  await leaves('after');
  expect([proxy.has('before'), proxy.has('after')]).toEqual([true, false]);
  const memoryBytes = proxy.settings.limits.memoryBytes;
  expect(() => proxy.configure({ linger: { ms: -1 } })).toThrow(RangeError);
  expect(proxy.settings).toMatchObject({ linger: { ms: 0 }, limits: { sessions: 2, memoryBytes } });
  await proxy.close();
});
