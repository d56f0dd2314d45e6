import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

/**
 * Asks a query again when `trigger` changes, which the live feed does, at most once in `everyMs`. Nothing is asked while
 * nothing happens.
 */
export function useLiveRefresh(queryKey: QueryKey, trigger: unknown, everyMs: number): void {
  const queries = useQueryClient();
  const askedAt = useRef(Date.now());
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const key = useRef(queryKey);
  key.current = queryKey;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the trigger's change is what counts
  useEffect(() => {
    if (waiting.current !== undefined) return;
    waiting.current = setTimeout(
      () => {
        waiting.current = undefined;
        askedAt.current = Date.now();
        void queries.invalidateQueries({ queryKey: key.current, exact: true });
      },
      Math.max(0, askedAt.current + everyMs - Date.now()),
    );
  }, [trigger, everyMs, queries]);
  useEffect(
    () => () => {
      clearTimeout(waiting.current);
      waiting.current = undefined;
    },
    [],
  );
}
