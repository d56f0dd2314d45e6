import { useSyncExternalStore } from 'react';
import { keyStore } from '../../api/key-store.ts';

/** What was typed and is not saved, by the setting's name. */
export type SettingDrafts = ReadonlyMap<string, string>;

let drafts: SettingDrafts = new Map();
const listeners = new Set<() => void>();

function set(next: SettingDrafts): void {
  drafts = next;
  for (const listener of listeners) listener();
}

// Whoever signs in next has not typed it.
keyStore.subscribe(() => set(new Map()));

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes that wait to be saved: still there when somebody looked something up on another page. */
export function useSettingDrafts(): [SettingDrafts, (next: SettingDrafts) => void] {
  return [useSyncExternalStore(subscribe, () => drafts), set];
}
