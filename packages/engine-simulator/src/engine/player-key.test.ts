import { expect, test } from 'vitest';
import { playerKey } from './player-key.ts';

test.each([
  ['127.0.0.1', undefined, 'f528764d624db129b32c21fbca0cb8d6'],
  ['172.23.0.1', undefined, '269e6c9cb28db04d1f0a5fbd76f2519e'],
  ['10.0.0.5', undefined, '0669df0f031fb83e345267a9679bbc6a'],
  ['10.0.0.5', 'viewer-1', '0d3749680cb764fb777e7fe4f673248d'],
])('the key of %s with player id %s is the one captured from a real engine', (address, pid, key) => {
  expect(playerKey(address, pid)).toBe(key);
});

test('an empty player id counts as none', () => {
  expect(playerKey('127.0.0.1', '')).toBe(playerKey('127.0.0.1', undefined));
});
