import { AceError } from './ace-error.ts';
import type { ContentRef } from './content-ref.ts';
import { rebaseUrl } from './engine-address.ts';
import { type JsonObject, readFlag, readText } from './read-fields.ts';

/** A started content on one engine. All URLs lead to the address where the engine was reached. */
export interface AceSession {
  /**
   * The stream: exactly one reader, ever; never a HEAD. No bytes, not even a status line, until there is data. Opened as
   * HLS, its playlist, which any number may read.
   */
  readonly playbackUrl: string;
  readonly statUrl: string;
  readonly commandUrl: string;
  readonly eventUrl?: string;
  /** 40 lower-case hex digits. */
  readonly infohash: string;
  /** Of the download at this moment: it changes when somebody else starts the same content. */
  readonly playbackSessionId: string;
  /** False for content on demand. Says nothing about whether anybody offers the content. */
  readonly isLive: boolean;
  /** What was opened in the end; its kind differs from the one asked for when that was the wrong one. */
  readonly ref: ContentRef;
  /** The player id it was opened with. */
  readonly pid: string;
}

const infohashForm = /^[0-9a-f]{40}$/i;
/** Playback, stat and command URLs are all `/ace/<what>/<infohash>/<key>`. */
const pathForm = /^\/ace\/[a-z]+\/([0-9a-f]{40})\//i;

/** Reads the reply to a start. Throws an AceError `bad_response` when something is missing without which nothing goes. */
export function parseSession(response: JsonObject, origin: string, ref: ContentRef, pid: string): AceSession {
  const url = (name: string): string => {
    const value = readText(response, name);
    if (value === undefined) throw lacks(origin, name);
    return rebaseUrl(value, origin);
  };
  const playbackUrl = url('playback_url');
  const statUrl = url('stat_url');
  const eventUrl = readText(response, 'event_url');
  const infohash = [
    readText(response, 'infohash'),
    pathForm.exec(new URL(statUrl).pathname)?.[1],
    ref.kind === 'infohash' ? ref.value : undefined,
  ].find((value) => value !== undefined && infohashForm.test(value));
  if (infohash === undefined) throw lacks(origin, 'infohash');
  return {
    playbackUrl,
    statUrl,
    commandUrl: url('command_url'),
    ...(eventUrl === undefined ? {} : { eventUrl: rebaseUrl(eventUrl, origin) }),
    infohash: infohash.toLowerCase(),
    playbackSessionId: readText(response, 'playback_session_id') ?? '',
    isLive: readFlag(response, 'is_live') ?? true,
    ref,
    pid,
  };
}

function lacks(origin: string, name: string): AceError {
  return new AceError('bad_response', `The engine at ${origin} answered a start without ${name}`);
}
