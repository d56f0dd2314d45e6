import type { EngineContext } from '../engine/engine-context.ts';
import type { EngineSessions } from '../engine/engine-sessions.ts';
import type { EngineRequest } from '../http/parse-request.ts';

/** What the routes of the engine's API work on. */
export interface ApiContext {
  readonly engine: EngineContext;
  readonly sessions: EngineSessions;
  /** 64 hex digits; private methods of `/server/api` take it. */
  readonly accessToken: string;
  /** Whether clients outside the machine and its subnets are answered. */
  remoteAccess: boolean;
  /** Called after each successful start. */
  started(): void;
}

/** The body of the engine's generic 500. */
export const NO_RESOURCE = "Internal Server Error, couldn't find resource";

/** The error of every session URL whose session is over. */
export const UNKNOWN_SESSION = { response: null, error: 'unknown playback session id' } as const;

/** `http://host:port` for URLs in a reply, taken from the request's Host header as the engine does. */
export function replyOrigin(api: ApiContext, request: EngineRequest): string {
  return `http://${api.engine.faults.peek('wrong-host')?.parameters.host ?? request.host}`;
}
