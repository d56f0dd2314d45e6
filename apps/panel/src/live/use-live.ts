import { useMemo, useSyncExternalStore } from 'react';
import type { EngineState, StreamState } from '../api/types.ts';
import { engineName } from '../model/engine-name.ts';
import type { LiveState } from './live-state.ts';
import { liveStore } from './live-store.ts';
import type { StreamSample } from './stream-samples.ts';
import type { TotalSample } from './total-samples.ts';

/** A part of the live state. `select` must return what it returned before when nothing has changed. */
export function useLive<Part>(select: (state: LiveState) => Part): Part {
  return useSyncExternalStore(liveStore.subscribe, () => select(liveStore.get()));
}

export function useStreams(): readonly StreamState[] {
  const streams = useLive((state) => state.streams);
  return useMemo(() => [...streams.values()], [streams]);
}

const byName = new Intl.Collator('en', { numeric: true });

/** Sorted by name, as people number them: `acestream-2` before `acestream-10`. */
export function useEngines(): readonly EngineState[] {
  const engines = useLive((state) => state.engines);
  return useMemo(
    () => [...engines.values()].sort((one, other) => byName.compare(one.container_name, other.container_name)),
    [engines],
  );
}

export function useStreamSamples(id: string): readonly StreamSample[] {
  return useSyncExternalStore(liveStore.subscribe, () => liveStore.samples.of(id));
}

export function useTotals(): readonly TotalSample[] {
  return useSyncExternalStore(liveStore.subscribe, liveStore.totals);
}

/** What an engine is called now. */
export function useEngineName(id: string): string {
  return useLive(({ engines }) => engineName(engines, id));
}
