import { Reader } from '../engine/reader.ts';
import type { Exchange } from '../http/exchange.ts';
import { type ApiContext, NO_RESOURCE, replyOrigin } from './api-context.ts';
import { awaitPlayable } from './await-playable.ts';

const TS_TYPE = 'video/mp2t';

/** `/ace/r/<infohash>/<key>`: waits for prebuffering, then redirects to the body. */
export async function openPlayback(exchange: Exchange, api: ApiContext, infohash: string, key: string): Promise<void> {
  const { faults, settings } = api.engine;
  const session = api.sessions.find(infohash, key);
  if (!session) return exchange.text(500, NO_RESOURCE);
  const failure = faults.take('playback-not-found', infohash) ?? faults.take('playback-fails', infohash);
  if (failure) return exchange.text(500, failure.parameters.text);

  const origin = replyOrigin(api, exchange.request);
  const redirect = faults.take('bad-redirect', infohash)?.parameters.kind;
  if (redirect === 'loop') return exchange.redirect(`${origin}${exchange.request.target}`);
  if (settings.blockOn === 'playback' && !(await awaitPlayable(exchange, api, session.download))) return;
  const path = `/content/${infohash}/${session.download.issueContentToken(key)}`;
  exchange.redirect(`${redirect === 'https' ? origin.replace('http:', 'https:') : origin}${path}`);
}

/** `/content/<infohash>/<token>`: the endless body. One reader at a time. */
export async function streamContent(
  exchange: Exchange,
  api: ApiContext,
  infohash: string,
  token: string,
): Promise<void> {
  const { counts, faults, settings } = api.engine;
  const download = api.sessions.download(infohash);
  const key = download?.playerOfToken(token);
  if (!download || key === undefined || !download.players.has(key)) return exchange.text(500, NO_RESOURCE);
  const page = faults.take('not-media', infohash)?.parameters;
  if (page) return exchange.reply(200, [['Content-Type', page.contentType]], page.body);
  const broken = faults.take('double-status-line', infohash);
  if (broken) return exchange.brokenHead(broken.parameters.secondStatus);
  if (settings.blockOn === 'content' && !(await awaitPlayable(exchange, api, download))) return;

  if (exchange.request.method === 'HEAD') {
    // Undocumented on real engines; here as bad as it may be there: it takes the place of the reader.
    download.endReader('eof');
    return exchange.reply(200, [['Content-Type', TS_TYPE]], '');
  }
  if (download.reader && settings.secondReader === 'broken') {
    counts.of(infohash).refusedReaders += 1;
    return exchange.brokenHead(200);
  }
  download.endReader('eof');
  counts.of(infohash).readers += 1;
  const reader = new Reader(api.engine, exchange.startBody(TS_TYPE), download);
  download.attachReader(reader, key);
  exchange.signal.addEventListener('abort', () => download.detachReader(reader), { once: true });
}
