import { expect, it } from 'vitest';
import type { StreamState } from '../api/types.ts';
import { keptSamples, StreamSamples } from './stream-samples.ts';

const stream = (id: string): StreamState => ({ id }) as StreamState;

it('keeps the last samples of what runs, and forgets what does not', () => {
  const samples = new StreamSamples();
  const running = new Map([['a', stream('a')]]);
  for (let at = 0; at < keptSamples + 5; at += 1) samples.add([{ name: 'stream', data: stream('a') }], running, at);
  expect(samples.of('a')).toHaveLength(keptSamples);
  expect(samples.of('a').at(-1)?.at).toBe(keptSamples + 4);
  expect(samples.of('a')).toBe(samples.of('a'));
  samples.add([], new Map(), 0);
  expect(samples.of('a')).toEqual([]);
});
