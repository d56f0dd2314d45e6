import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useIsManaged } from '../live/use-is-managed.ts';
import { useLive } from '../live/use-live.ts';
import { useLiveRefresh } from '../ui/use-live-refresh.ts';
import { api, body } from './client.ts';
import type { Image } from './types.ts';

export const imagesKey = ['images'];
const refreshMs = 1_000;

/** What engines are made from; asked again when a download moves, or the log has something new. */
export function useImages(): UseQueryResult<Image[]> {
  const result = useQuery({
    queryKey: imagesKey,
    queryFn: ({ signal }) => body(api.GET('/api/v1/images', { signal })),
    enabled: useIsManaged(),
    retry: false,
  });
  const trigger = useLive(
    ({ pulls, events, status }) =>
      `${[...pulls.values()].map(({ image, status: now }) => image + now)} ${events[0]?.id} ${status?.newer_images}`,
  );
  useLiveRefresh(imagesKey, trigger, refreshMs);
  return result;
}
