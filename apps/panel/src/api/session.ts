import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiProblem } from './api-problem.ts';
import { keyStore } from './key-store.ts';
import { request } from './request.ts';

export function useKey(): string | undefined {
  return useSyncExternalStore(keyStore.subscribe, keyStore.get);
}

/**
 * Whether this page may change things: it has the key, or keys are off. False until that is known. The server has the
 * last word; this only decides what is offered.
 */
export function useCanChange(): boolean {
  const key = useKey();
  const { data } = useQuery({
    queryKey: ['may-change', key],
    queryFn: ({ signal }) => mayChange(key, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? false;
}

/** Asks for what only the key opens. */
async function mayChange(key: string | undefined, signal: AbortSignal): Promise<boolean> {
  try {
    await request('GET', 'settings/schema', { signal });
    return true;
  } catch (error) {
    if (error instanceof ApiProblem && error.isMissingRoute) return key !== undefined;
    if (error instanceof ApiProblem && error.isDenied) return false;
    throw error;
  }
}

/** @throws {ApiProblem} with status 403 when `key` is wrong. */
export async function checkKey(key: string): Promise<void> {
  await request('GET', 'version', { headers: { authorization: `Bearer ${key}` } });
}
