import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useIsManaged } from '../live/use-is-managed.ts';
import { useLive, useTotals } from '../live/use-live.ts';
import { useLiveRefresh } from '../ui/use-live-refresh.ts';
import { api, body } from './client.ts';
import type { Reprovision } from './types.ts';

export const reprovisionKey = ['reprovision'];
const refreshMs = 1_000;

/** How far the replacement of engines has come; asked again when engines change, and while it runs. */
export function useReprovision(): UseQueryResult<Reprovision> {
  const result = useQuery({
    queryKey: reprovisionKey,
    queryFn: ({ signal }) => body(api.GET('/api/v1/custom-variant/reprovision/status', { signal })),
    enabled: useIsManaged(),
    retry: false,
  });
  const engines = useLive((state) => state.engines);
  const totals = useTotals();
  useLiveRefresh(reprovisionKey, result.data?.in_progress === true ? totals : engines, refreshMs);
  return result;
}
