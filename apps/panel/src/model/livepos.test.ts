import { expect, it } from 'vitest';
import type { StreamState } from '../api/types.ts';
import { behindLiveMs, heldMs } from './livepos.ts';

const livepos = (patch: Partial<NonNullable<StreamState['livepos']>>): StreamState['livepos'] => ({
  pos: '1700000085',
  live_first: '1700000000',
  live_last: '1700000100',
  first_ts: null,
  last_ts: null,
  buffer_pieces: null,
  ...patch,
});

it('reads how far behind live an engine is, and how much it holds', () => {
  expect(behindLiveMs(livepos({}))).toBe(15_000);
  expect(heldMs(livepos({}))).toBe(100_000);
});

it('knows nothing where the engine says −1 or nothing', () => {
  expect(behindLiveMs(livepos({ pos: '-1' }))).toBeUndefined();
  expect(behindLiveMs(null)).toBeUndefined();
  expect(heldMs(livepos({ live_first: null }))).toBeUndefined();
});

it('is not ahead of live', () => {
  expect(behindLiveMs(livepos({ pos: '1700000101' }))).toBe(0);
});
