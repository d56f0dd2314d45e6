import type { OutputFormat } from '../engine/download.ts';
import type { Session } from '../engine/engine-sessions.ts';
import { resolveContent } from '../engine/resolve-content.ts';
import type { Exchange } from '../http/exchange.ts';
import { type ApiContext, replyOrigin } from './api-context.ts';

/** `/ace/getstream` and `/ace/manifest.m3u8`: starts a content and answers with its URLs, or a redirect to playback. */
export async function startContent(exchange: Exchange, api: ApiContext, format: OutputFormat): Promise<void> {
  const { request } = exchange;
  const { query } = request;
  const { settings, faults } = api.engine;
  const stopNotifications = query.get('use_stop_notifications') === '1';

  const content = resolveContent(query, settings.channel);
  if (typeof content === 'string') return fail(exchange, content);
  const fault = faults.take('start-error', content.infohash)?.parameters;
  if (fault) {
    const extra = { reason: 'missing_option', option: fault.missingOption };
    return fail(exchange, fault.message, fault.missingOption && stopNotifications ? extra : undefined);
  }

  const session = await api.sessions.start({
    clientAddress: request.remoteAddress,
    playerId: (settings.version.knowsPid ? query.get('pid') : null) || query.get('sid') || undefined,
    content,
    format,
    stopNotifications,
  });
  if (typeof session === 'string') return fail(exchange, session);
  api.started();

  const origin = replyOrigin(api, request);
  if (wantsJson(exchange)) {
    const live = faults.peek('on-demand', content.infohash) ? 0 : 1;
    exchange.json({
      response: describeStart(origin, session, { live, events: query.get('use_api_events') === '1' }),
      error: null,
    });
  } else {
    exchange.redirect(playbackUrl(origin, session));
  }
}

function wantsJson(exchange: Exchange): boolean {
  return exchange.request.query.get('format') === 'json';
}

function playbackUrl(origin: string, { player }: Session): string {
  const { infohash, key, format } = player;
  return format === 'hls' ? `${origin}/ace/m/${infohash}/${key}.m3u8` : `${origin}/ace/r/${infohash}/${key}`;
}

function describeStart(
  origin: string,
  session: Session,
  { live, events }: { readonly live: 0 | 1; readonly events: boolean },
): Readonly<Record<string, unknown>> {
  const { infohash, key } = session.player;
  return {
    ...(events ? { event_url: `${origin}/ace/event/${infohash}/${key}` } : {}),
    playback_url: playbackUrl(origin, session),
    stat_url: `${origin}/ace/stat/${infohash}/${key}`,
    command_url: `${origin}/ace/cmd/${infohash}/${key}`,
    infohash,
    playback_session_id: session.download.playbackSessionId,
    is_live: live,
    is_encrypted: 0,
    client_session_id: -1,
  };
}

function fail(exchange: Exchange, error: string, extraData?: Readonly<Record<string, string>>): void {
  if (wantsJson(exchange)) exchange.json({ response: null, error, ...(extraData ? { extra_data: extraData } : {}) });
  else exchange.text(500, error);
}
