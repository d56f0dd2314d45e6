import { useLive } from './use-live.ts';

/** Whether the server makes its engines itself, as containers. Of others it knows neither usage nor logs. */
export function useIsManaged(): boolean {
  return useLive(({ status }) => status?.config['engines'] === 'docker');
}
