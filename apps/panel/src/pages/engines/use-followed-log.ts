import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { keyStore } from '../../api/key-store.ts';
import { type FollowedLog, LogFollower } from '../../api/log-follower.ts';
import { serverUrl } from '../../api/server-url.ts';
import { useLive } from '../../live/use-live.ts';

/** What a container writes, as long as the page shows it; and how to ask for it again at once. */
export function useFollowedLog(containerId: string): FollowedLog & { readonly retry: () => void } {
  const follower = useMemo(() => new LogFollower({ server: serverUrl(), containerId, keys: keyStore }), [containerId]);
  useEffect(() => follower.start(), [follower]);
  // The live feed finds out first that the server is back.
  const isServerThere = useLive(({ connection }) => connection.kind === 'live');
  useEffect(() => {
    if (isServerThere) follower.retry();
  }, [isServerThere, follower]);
  const log = useSyncExternalStore(follower.subscribe, follower.get);
  return { ...log, retry: () => follower.retry() };
}
