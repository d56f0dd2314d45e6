import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useLive } from '../live/use-live.ts';
import { useLiveRefresh } from '../ui/use-live-refresh.ts';
import { api, body } from './client.ts';
import type { HealthStatus } from './types.ts';

const refreshMs = 5_000;
const queryKey = ['health'];

/** What is well and what is not, beyond what the live feed tells; asked again when the feed tells of a change. */
export function useHealth(): UseQueryResult<HealthStatus> {
  const result = useQuery({
    queryKey,
    queryFn: ({ signal }) => body(api.GET('/api/v1/health/status', { signal })),
    retry: false,
  });
  // Trouble with what is stored is told as an event, trouble with engines in the status.
  const trigger = useLive(({ status, events }) => `${status?.timestamp} ${events[0]?.id}`);
  useLiveRefresh(queryKey, trigger, refreshMs);
  return result;
}
