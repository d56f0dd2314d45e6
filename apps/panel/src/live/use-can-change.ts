import { mayChange, useKey } from '../api/session.ts';
import { useLive } from './use-live.ts';

/** Whether changes are offered on this page; without the key it only shows. */
export function useCanChange(): boolean {
  const key = useKey();
  const status = useLive((state) => state.status);
  return mayChange(key, status);
}
