import { expect, it, vi } from 'vitest';
import { KeyStore } from './key-store.ts';

function fakeStorage(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
    removeItem: (name: string) => void values.delete(name),
  } as Storage;
}

it('keeps the key over a reload only when asked to', () => {
  const storage = fakeStorage();
  new KeyStore(storage).set('in-memory', 'memory');
  expect(new KeyStore(storage).get()).toBeUndefined();
  new KeyStore(storage).set('kept', 'session');
  expect(new KeyStore(storage).get()).toBe('kept');
});

it('forgets what was kept when the next key is for memory, and when it is cleared', () => {
  const storage = fakeStorage();
  const keys = new KeyStore(storage);
  keys.set('kept', 'session');
  keys.set('other', 'memory');
  expect(new KeyStore(storage).get()).toBeUndefined();
  keys.clear();
  expect(keys.headers()).toEqual({});
});

it('sends the key as a bearer token, and tells who listens', () => {
  const keys = new KeyStore(undefined);
  const listener = vi.fn();
  const stop = keys.subscribe(listener);
  keys.set('secret', 'session');
  stop();
  keys.clear();
  expect(listener).toHaveBeenCalledTimes(1);
  keys.set('secret', 'memory');
  expect(keys.headers()).toEqual({ authorization: 'Bearer secret' });
});
