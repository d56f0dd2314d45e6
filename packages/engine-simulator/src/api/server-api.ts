import { type Content, resolveContent } from '../engine/resolve-content.ts';
import { isLocalAddress } from '../http/access.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ApiContext } from './api-context.ts';
import { searchCatalogue } from './search-catalogue.ts';
import { describeEngineVersion } from './service-api.ts';

type Answer = { readonly result: unknown } | { readonly error: { readonly message: string; readonly code: 0 } };
type Method = (api: ApiContext, exchange: Exchange) => Answer;

const refuse = (message: string): Answer => ({ error: { message, code: 0 } });

const METHODS: Readonly<Record<string, Method>> = {
  get_status: (api) => ({ result: { playlist_loaded: true, version: describeEngineVersion(api) } }),
  get_network_connection_status: () => ({ result: { connected: true } }),
  get_api_access_token: (api, { request }) =>
    isLocalAddress(request.remoteAddress, {}) ? { result: { token: api.accessToken } } : refuse('access denied'),
  set_allow_remote_access: setRemoteAccess,
  set_allow_intranet_access: setRemoteAccess,
  get_media_files: (api, { request }) => withContent(api, request.query, describeFiles),
  get_content_id: (api, { request }) =>
    withContent(api, request.query, ({ channel }) =>
      channel.contentId ? { result: { content_id: channel.contentId } } : refuse('content id not found'),
    ),
  analyze_content: (api, { request }) => withContent(api, analyzed(request.query), describeContent),
  search: (api, { request }) =>
    request.query.get('token') === api.accessToken
      ? { result: searchCatalogue(request.query, api.engine.settings.now())['result'] }
      : refuse('access denied'),
};

/** `/server/api?api_version=3&method=…`; errors are an object here, with HTTP 200. */
export function serveServerApi(exchange: Exchange, api: ApiContext): void {
  const name = exchange.request.query.get('method') ?? '';
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  exchange.json(method ? method(api, exchange) : refuse('unknown method'));
}

function setRemoteAccess(api: ApiContext, { request }: Exchange): Answer {
  if (request.query.get('token') !== api.accessToken) return refuse('access denied');
  api.remoteAccess = request.query.get('value') === '1';
  return { result: 'ok' };
}

function withContent(api: ApiContext, query: URLSearchParams, answer: (content: Content) => Answer): Answer {
  const content = resolveContent(query, api.engine.settings.channel);
  return typeof content === 'string' ? refuse(content) : answer(content);
}

function describeFiles({ infohash, channel }: Content): Answer {
  const file = { index: 0, filename: channel.name, infohash, transport_type: 'bt', type: 'live' };
  return { result: { name: channel.name, infohash, transport_type: 'bt', type: 'live', files: [file] } };
}

function describeContent({ infohash, channel }: Content): Answer {
  const { name, categories, languages, countries } = channel;
  return { result: { is_live: 1, infohash, title: name, categories, languages, countries } };
}

/** `query` of analyze_content is whatever a user pastes: an acestream:// link, an id, an infohash, a magnet link, a URL. */
function analyzed(query: URLSearchParams): URLSearchParams {
  const text = query.get('query')?.trim();
  if (!text) return query;
  if (text.startsWith('magnet:')) return new URLSearchParams({ magnet: text });
  if (/^https?:/.test(text)) return new URLSearchParams({ url: text });
  return new URLSearchParams({ content_id: text.replace(/^acestream:\/\//, '') });
}
