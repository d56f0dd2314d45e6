import { expect, it } from 'vitest';
import { IdentityMemory } from './identity-memory.ts';

it('an identity memory forgets the key that was identified longest ago first', () => {
  const memory = new IdentityMemory(2);
  memory.remember('a', '1');
  memory.remember('b', '2');
  memory.remember('a', '3');
  memory.remember('c', '4');
  expect(memory.get('b')).toBeUndefined();
  expect(memory.get('a')).toBe('3');
  expect(memory.get('c')).toBe('4');
});
