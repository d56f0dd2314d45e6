import { resolveContent } from '../engine/resolve-content.ts';
import type { HangingEndpoint } from '../faults/fault-table.ts';
import type { Exchange } from '../http/exchange.ts';
import type { EngineRequest } from '../http/parse-request.ts';
import { type ApiContext, NO_RESOURCE } from './api-context.ts';
import { awaitEvent, runCommand, serveStat } from './control-session.ts';
import { servePlaylist, serveSegment } from './play-hls.ts';
import { openPlayback, streamContent } from './play-progressive.ts';
import { serveSearch } from './search-catalogue.ts';
import { serveServerApi } from './server-api.ts';
import { serveService } from './service-api.ts';
import { startContent } from './start-content.ts';

interface Route {
  /** Matches the whole path; up to two groups: infohash, and key, token or segment number. */
  readonly path: RegExp;
  readonly endpoint: HangingEndpoint;
  serve(exchange: Exchange, api: ApiContext, infohash: string, rest: string): void | Promise<void>;
}

const ROUTES: readonly Route[] = [
  { path: /^\/ace\/getstream$/, endpoint: 'start', serve: (exchange, api) => startContent(exchange, api, 'ts') },
  { path: /^\/ace\/manifest\.m3u8$/, endpoint: 'start', serve: (exchange, api) => startContent(exchange, api, 'hls') },
  { path: /^\/ace\/r\/([0-9a-f]{40})\/([0-9a-f]{32})$/, endpoint: 'playback', serve: openPlayback },
  { path: /^\/content\/([0-9a-f]{40})\/(0\.\d+)$/, endpoint: 'playback', serve: streamContent },
  { path: /^\/ace\/m\/([0-9a-f]{40})\/([0-9a-f]{32})\.m3u8$/, endpoint: 'playback', serve: servePlaylist },
  {
    path: /^\/ace\/c\/([0-9a-f]{40})\/(\d+)\.ts$/,
    endpoint: 'playback',
    serve: (exchange, api, infohash, segmentNumber) => serveSegment(exchange, api, infohash, Number(segmentNumber)),
  },
  { path: /^\/ace\/stat\/([0-9a-f]{40})\/([0-9a-f]{32})$/, endpoint: 'stat', serve: serveStat },
  { path: /^\/ace\/cmd\/([0-9a-f]{40})\/([0-9a-f]{32})$/, endpoint: 'command', serve: runCommand },
  { path: /^\/ace\/event\/([0-9a-f]{40})\/([0-9a-f]{32})$/, endpoint: 'event', serve: awaitEvent },
  { path: /^\/webui\/api\/service$/, endpoint: 'service', serve: serveService },
  { path: /^\/(?:server|service)\/api$/, endpoint: 'server-api', serve: serveServerApi },
  { path: /^\/search$/, endpoint: 'search', serve: serveSearch },
];

/** Answers one request of the engine's API; with `api-hangs` set, perhaps never. */
export async function routeRequest(exchange: Exchange, api: ApiContext): Promise<void> {
  const { request } = exchange;
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return exchange.text(501, `Unsupported method ('${request.method}')`);
  for (const route of ROUTES) {
    const match = route.path.exec(request.path);
    if (!match) continue;
    const [, infohash = '', rest = ''] = match;
    const hang = api.engine.faults.peek('api-hangs', infohash || requestedInfohash(request, api));
    if (hang?.parameters.endpoints.includes(route.endpoint)) {
      hang.meet();
      if (!(await hang.untilCleared(exchange.signal))) return;
    }
    return route.serve(exchange, api, infohash, rest);
  }
  exchange.text(500, NO_RESOURCE);
}

function requestedInfohash(request: EngineRequest, api: ApiContext): string | undefined {
  const content = resolveContent(request.query, api.engine.settings.channel);
  return typeof content === 'string' ? undefined : content.infohash;
}
