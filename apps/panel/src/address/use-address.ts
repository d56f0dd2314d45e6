import { useCallback, useSyncExternalStore } from 'react';
import type { BaseLocationHook } from 'wouter';
import { parseHash, withParameter } from './hash-address.ts';

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** The browser tells of links and of its back button, and of nothing that a page does to its own address. */
function tell(): void {
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function go(path: string): void {
  history.pushState(null, '', `#${path}`);
  tell();
}

/** The router's location: the path without the parameters, so that a page stays while its filters change. */
export const useHashPath: BaseLocationHook = () => [
  useSyncExternalStore(subscribe, () => parseHash(location.hash).path),
  go,
];

/** What stands behind the `#`, parameters included. */
export function useHash(): string {
  return useSyncExternalStore(subscribe, () => location.hash);
}

/**
 * A part of a page's state that stands in its address: shared with a link, kept by a reload, and there again when somebody
 * comes back. A change takes the place of the entry in the browser's history: back leads to the page before.
 */
export function useAddressParameter(name: string, fallback = ''): [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => parseHash(location.hash).parameters.get(name) ?? fallback);
  const set = useCallback(
    (next: string): void => {
      history.replaceState(history.state, '', withParameter(location.hash, name, next, fallback));
      tell();
    },
    [name, fallback],
  );
  return [value, set];
}
