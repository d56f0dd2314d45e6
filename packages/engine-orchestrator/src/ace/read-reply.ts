import { AceError, type AceErrorCode } from './ace-error.ts';
import type { TextReply } from './get-text.ts';
import { isObject, type JsonObject, readText } from './read-fields.ts';

/** What engines say, and what it means. Compared in lower case, as a part of the whole. */
const phrases: readonly (readonly [phrase: string, code: AceErrorCode])[] = [
  ['unknown playback session id', 'session_gone'],
  ['failed to load content', 'content_dead'],
  ['failed to start', 'content_dead'],
  ['download not found', 'content_dead'],
  ["couldn't find resource", 'content_dead'],
  ['start timeout', 'content_dead'],
  ['got newer download', 'superseded'],
  ['missing content id', 'bad_content'],
];

/**
 * Takes the payload out of `{"response": …, "error": …}` or `{"result": …, "error": …}`.
 *
 * Throws an AceError: what the engine says in `error` (text, or an object with a message) or in a plain-text body of
 * status 400 and up, `engine_refused` for words we do not know, `bad_response` for anything that is no such reply.
 */
export function readReply(reply: TextReply, payload: 'response' | 'result', what: string): JsonObject {
  const json = parseJson(reply.text);
  const said = isObject(json) ? errorText(json['error']) : undefined;
  if (said !== undefined) throw refusal(said, what);
  if (reply.status === 401 || reply.status === 403) {
    throw new AceError(
      'engine_refused',
      `${what} is denied with status ${reply.status}; an engine answers other machines only with --bind-all`,
      { engineMessage: excerpt(reply.text), outcome: 'engine-bad' },
    );
  }
  if (reply.status >= 400) throw refusal(excerpt(reply.text), `${what} (status ${reply.status})`, 'engine-bad');
  if (reply.status >= 300) throw new AceError('bad_response', `${what} was answered with status ${reply.status}`);
  const value = isObject(json) ? json[payload] : undefined;
  if (isObject(value)) return value;
  // Commands are answered with a bare "ok".
  if (value === 'ok') return {};
  const found = isObject(json) ? `JSON without ${payload}` : `"${excerpt(reply.text)}" where JSON belongs`;
  throw new AceError('bad_response', `${what} was answered with ${found}`);
}

/** `blame` is for words we do not know. */
function refusal(said: string, what: string, blame: 'content-bad' | 'engine-bad' = 'content-bad'): AceError {
  const code = phrases.find(([phrase]) => said.toLowerCase().includes(phrase))?.[1];
  const message = `${what} was refused: ${said === '' ? 'no reason given' : said}`;
  return code === undefined
    ? new AceError('engine_refused', message, { engineMessage: said, outcome: blame })
    : new AceError(code, message, { engineMessage: said });
}

function errorText(error: unknown): string | undefined {
  if (error === undefined || error === null || error === '') return undefined;
  if (typeof error === 'string') return excerpt(error);
  if (isObject(error)) return excerpt(readText(error, 'message') ?? JSON.stringify(error));
  return excerpt(String(error));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 200);
}
