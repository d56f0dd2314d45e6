import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useIsManaged } from '../live/use-is-managed.ts';
import { useTotals } from '../live/use-live.ts';
import { useLiveRefresh } from '../ui/use-live-refresh.ts';
import { api, body } from './client.ts';
import type { ContainerStats } from './types.ts';

/** As often as the server itself collects. */
const refreshMs = 3_000;

/** What every engine's container uses; asked again while the feed is alive. Empty where engines are not containers. */
export function useContainerStats(): UseQueryResult<ReadonlyMap<string, ContainerStats>> {
  const queryKey = ['container-stats'];
  const isManaged = useIsManaged();
  const result = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const all = await body(api.GET('/api/v1/engines/stats/all', { signal }));
      return new Map(Object.entries(all));
    },
    enabled: isManaged,
    retry: false,
  });
  const totals = useTotals();
  useLiveRefresh(queryKey, result.isError ? undefined : totals, refreshMs);
  return result;
}
