import type { EngineState } from '../api/types.ts';

/** As Docker itself shortens the ids of containers. */
const shownDigits = 12;

/** What an engine is called; the beginning of its id when it is gone. */
export function engineName(engines: ReadonlyMap<string, EngineState>, id: string): string {
  return engines.get(id)?.container_name ?? (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, shownDigits) : id);
}
