import { expect, test } from 'vitest';
import { type State, transition } from './session-state.ts';

const opening: State = { name: 'opening', sinceMs: 0 };

test('opening goes live with the first bytes, recovers when its source ends, and goes live again', () => {
  const live = transition(opening, { type: 'delivering', source: 'a' }, 5);
  expect(live).toEqual({ name: 'live', sinceMs: 5, source: 'a' });
  const recovering = transition(live, { type: 'source-ended' }, 9);
  expect(recovering).toEqual({ name: 'recovering', sinceMs: 9, from: 'a' });
  expect(transition(recovering, { type: 'delivering', source: 'b' }, 12)).toEqual({
    name: 'live',
    sinceMs: 12,
    source: 'b',
  });
});

test('events that do not fit leave the state as it is, and closed is final', () => {
  expect(transition(opening, { type: 'source-ended' }, 5)).toBe(opening);
  const closed = transition(opening, { type: 'close', reason: 'idle' }, 5);
  expect(transition(closed, { type: 'delivering', source: 'a' }, 6)).toBe(closed);
  expect(transition(closed, { type: 'close', reason: 'stopped' }, 6)).toBe(closed);
});
