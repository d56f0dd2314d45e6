import type { Exchange } from '../http/exchange.ts';
import type { ApiContext } from './api-context.ts';

/** What an engine says of its version, in both APIs. */
export function describeEngineVersion(api: ApiContext): Readonly<Record<string, unknown>> {
  const { version, code } = api.engine.settings.version;
  return { code, platform: 'linux', version };
}

/** `/webui/api/service?method=get_version`, as JSON or, with `format=jsonp&callback=`, as a script. */
export function serveService(exchange: Exchange, api: ApiContext): void {
  const { query } = exchange.request;
  const { hasWebsocketPort } = api.engine.settings.version;
  const answer =
    query.get('method') === 'get_version'
      ? {
          result: { ...describeEngineVersion(api), ...(hasWebsocketPort ? { websocket_port: 43_879 } : {}) },
          error: null,
        }
      : { result: null, error: 'unknown method' };
  if (query.get('format') !== 'jsonp') return exchange.json(answer);
  const callback = query.get('callback') || 'callback';
  exchange.reply(200, [['Content-Type', 'application/javascript']], `${callback}(${JSON.stringify(answer)});`);
}
