import { describeStat } from '../engine/describe-stat.ts';
import type { Exchange } from '../http/exchange.ts';
import { type ApiContext, UNKNOWN_SESSION } from './api-context.ts';

/** `/ace/stat/<infohash>/<key>` */
export function serveStat(exchange: Exchange, api: ApiContext, infohash: string, key: string): void {
  const { faults, settings } = api.engine;
  const session = api.sessions.find(infohash, key);
  if (!session || faults.take('stat-unknown', infohash)) return exchange.json(UNKNOWN_SESSION);
  const countsAsActivity = settings.statKeepsAlive && exchange.request.query.get('skip_player_activity') !== '1';
  if (countsAsActivity) session.download.touch();
  exchange.json({ response: describeStat(api.engine, session.download), error: null });
}

/** `/ace/cmd/<infohash>/<key>?method=stop` */
export async function runCommand(exchange: Exchange, api: ApiContext, infohash: string, key: string): Promise<void> {
  const method = exchange.request.query.get('method');
  if (method !== 'stop') {
    const known = api.sessions.find(infohash, key);
    return exchange.json(known ? { response: null, error: 'unknown method' } : UNKNOWN_SESSION);
  }
  const hang = api.engine.faults.take('stop-hangs', infohash);
  if (hang) {
    if (hang.parameters.effective) api.sessions.stop(infohash, key);
    if (!(await hang.untilCleared(exchange.signal))) return;
  }
  const stopped = hang?.parameters.effective || api.sessions.stop(infohash, key);
  exchange.json(stopped ? { response: 'ok', error: null } : UNKNOWN_SESSION);
}

/** `/ace/event/<infohash>/<key>`: waits for an event. */
export async function awaitEvent(exchange: Exchange, api: ApiContext, infohash: string, key: string): Promise<void> {
  const event = await api.sessions.events(infohash, key)?.next(exchange.signal);
  exchange.json(event ? { response: { name: event.name, params: event.params }, error: null } : UNKNOWN_SESSION);
}
