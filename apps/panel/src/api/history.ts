import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Point } from '../charts/path.ts';
import { useTotals } from '../live/use-live.ts';
import { useLiveRefresh } from '../ui/use-live-refresh.ts';
import { api, body } from './client.ts';

/** The server adds a figure every ten seconds. */
const refreshMs = 10_000;

/** What the server measured over the last `windowSeconds`, one list of points for each of `names`. */
export function useHistory(names: readonly string[], windowSeconds: number): UseQueryResult<Point[][]> {
  const queryKey = ['history', names.join(), windowSeconds];
  const result = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const { timestamps, series } = await body(
        api.GET('/api/v1/metrics/history', {
          params: { query: { series: names.join(), window: windowSeconds } },
          signal,
        }),
      );
      return names.map((name) =>
        timestamps.map((time, index) => ({ at: Date.parse(time), value: series[name]?.values[index] ?? null })),
      );
    },
    placeholderData: (before) => before,
    retry: false,
  });
  const totals = useTotals();
  useLiveRefresh(queryKey, result.isError ? undefined : totals, refreshMs);
  return result;
}
