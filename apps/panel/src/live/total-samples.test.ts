import { expect, it } from 'vitest';
import type { StreamState } from '../api/types.ts';
import { totalOf } from './total-samples.ts';

const stream = (patch: Partial<StreamState>): StreamState =>
  ({ state: 'live', bitrate: 2_000_000, clients: 3, ...patch }) as StreamState;

it('sums up what comes and what goes', () => {
  expect(totalOf([stream({}), stream({ clients: 1, bitrate: null })], 7)).toEqual({
    at: 7,
    streams: 2,
    viewers: 4,
    inBitsPerSecond: 2_000_000,
    outBitsPerSecond: 6_000_000,
  });
});

it('counts no media of a stream whose engine is gone, and its viewers all the same', () => {
  expect(totalOf([stream({ state: 'recovering' })], 0)).toMatchObject({
    streams: 1,
    viewers: 3,
    inBitsPerSecond: 0,
    outBitsPerSecond: 0,
  });
});
