import { useSyncExternalStore } from 'react';
import { api } from './client.ts';
import { keyStore } from './key-store.ts';
import type { OrchestratorStatus } from './types.ts';

export function useKey(): string | undefined {
  return useSyncExternalStore(keyStore.subscribe, keyStore.get);
}

/** Whether a page may change things: it has the key, or keys are off. The server has the last word. */
export function mayChange(key: string | undefined, status: OrchestratorStatus | undefined): boolean {
  return key !== undefined || status?.config['auth'] === 'off';
}

/** @throws {ApiProblem} with status 403 when `key` is wrong */
export async function checkKey(key: string): Promise<void> {
  await api.GET('/api/v1/tokens', { headers: { authorization: `Bearer ${key}` } });
}
