import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useIsManaged } from '../live/use-is-managed.ts';
import { useTotals } from '../live/use-live.ts';
import { useLiveRefresh } from '../ui/use-live-refresh.ts';
import { request } from './request.ts';

/** What a container uses, as `docker stats` shows it. */
export interface ContainerStats {
  readonly container_id: string;
  readonly cpu_percent: number;
  readonly memory_usage: number;
  readonly memory_limit: number;
  readonly memory_percent: number;
  readonly network_rx_bytes: number;
  readonly network_tx_bytes: number;
  readonly block_read_bytes: number;
  readonly block_write_bytes: number;
}

/** As often as the server itself collects. */
const refreshMs = 3_000;

/** What every engine's container uses; asked again while the feed is alive. Empty where engines are not containers. */
export function useContainerStats(): UseQueryResult<ReadonlyMap<string, ContainerStats>> {
  const queryKey = ['container-stats'];
  const isManaged = useIsManaged();
  const result = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const all = await request<readonly ContainerStats[] | Readonly<Record<string, ContainerStats>>>(
        'GET',
        'engines/stats/all',
        { signal },
      );
      return new Map(Object.values(all).map((each: ContainerStats) => [each.container_id, each]));
    },
    enabled: isManaged,
    retry: false,
  });
  const totals = useTotals();
  useLiveRefresh(queryKey, result.isError ? undefined : totals, refreshMs);
  return result;
}
