import type { EngineSegment } from '../engine/hls-session.ts';
import type { Exchange } from '../http/exchange.ts';
import { type ApiContext, NO_RESOURCE, replyOrigin } from './api-context.ts';
import { awaitPlayable } from './await-playable.ts';

/** `/ace/m/<infohash>/<key>.m3u8`: the live playlist; the first one waits for prebuffering. */
export async function servePlaylist(exchange: Exchange, api: ApiContext, infohash: string, key: string): Promise<void> {
  const { counts, faults } = api.engine;
  if (api.sessions.isSuperseded(infohash, key) || faults.take('superseded', infohash))
    return exchange.text(403, 'Forbidden');
  const session = api.sessions.find(infohash, key);
  if (session?.player.format !== 'hls') return exchange.text(500, NO_RESOURCE);
  const failure = faults.take('playback-not-found', infohash) ?? faults.take('playback-fails', infohash);
  if (failure) return exchange.text(500, failure.parameters.text);
  const origin = replyOrigin(api, exchange.request);
  const redirect = faults.take('bad-redirect', infohash)?.parameters.kind;
  if (redirect)
    return exchange.redirect(
      `${redirect === 'https' ? origin.replace('http:', 'https:') : origin}${exchange.request.target}`,
    );
  const page = faults.take('not-media', infohash)?.parameters;
  if (page) return exchange.reply(200, [['Content-Type', page.contentType]], page.body);

  const { download } = session;
  if (!(await awaitPlayable(exchange, api, download))) return;
  download.touch();
  counts.of(infohash).playlists += 1;
  const playlist = download.openHls().playlist((segmentNumber) => `${origin}/ace/c/${infohash}/${segmentNumber}.ts`);
  exchange.reply(
    200,
    [
      ['Content-Type', 'application/vnd.apple.mpegurl'],
      ['Access-Control-Allow-Origin', '*'],
      ['Connection', 'close'],
    ],
    playlist,
  );
}

/** `/ace/c/<infohash>/<n>.ts`: one segment. Whoever knows the infohash may ask. */
export function serveSegment(exchange: Exchange, api: ApiContext, infohash: string, segmentNumber: number): void {
  const { counts, settings } = api.engine;
  const download = api.sessions.download(infohash);
  if (!download?.hls) return exchange.text(500, NO_RESOURCE);
  download.touch();
  const segment = download.hls.segment(segmentNumber);
  if (!segment) return exchange.text(settings.missingSegmentStatus, 'download not found');
  counts.of(infohash).segments += 1;
  if (exchange.request.method === 'HEAD') return exchange.reply(200, [['Content-Type', 'video/mp2t']], '');
  sendSegment(exchange, api, infohash, segment);
}

function sendSegment(exchange: Exchange, { engine }: ApiContext, infohash: string, segment: EngineSegment): void {
  const cut = (afterBytes = 0): number => Math.min(afterBytes, segment.length - 1);
  const early = engine.faults.take('end-early', infohash);
  const reset = early ? undefined : engine.faults.take('reset-mid-packet', infohash);
  const length = early ? cut(early.reach.afterBytes) : reset ? cut(reset.reach.afterBytes) : segment.length;
  const socket = exchange.startBody('video/mp2t');
  const bytes = segment.playout.read(segment.offset, length);
  if (reset) socket.write(bytes, () => setTimeout(() => exchange.reset(), 20));
  else socket.end(bytes);
}
