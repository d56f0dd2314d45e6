import { setTimeout as delay } from 'node:timers/promises';
import type { Download } from '../engine/download.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ApiContext } from './api-context.ts';

/**
 * Holds a playback request, without a status line, until prebuffering is done. Answers it with a 500 when the download
 * ends or the start takes too long. False when there is nothing left to do: it was answered, or the client has gone.
 */
export async function awaitPlayable(exchange: Exchange, api: ApiContext, download: Download): Promise<boolean> {
  const { faults, settings } = api.engine;
  const over = new AbortController();
  const signal = AbortSignal.any([exchange.signal, download.signal, over.signal]);
  await faults.take('playback-hangs', download.infohash)?.untilCleared(signal);
  const limit = delay(settings.startTimeoutMs, 'timeout' as const, { signal }).catch(() => 'ended' as const);
  const outcome = await Promise.race([download.outcome, limit]);
  over.abort();

  if (exchange.signal.aborted) return false;
  if (outcome === 'ready' && !download.ended) return true;
  exchange.text(500, outcome === 'timeout' ? 'start timeout' : 'download not found');
  return false;
}
