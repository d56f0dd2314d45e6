import { isObject, type JsonObject, readFlag, readNumber, readText } from './read-fields.ts';

export interface AceVersion {
  /** `3.2.11`, say. */
  readonly version: string;
  /** The same as a number: 3021100. */
  readonly code?: number;
  /** `linux`, say. */
  readonly platform?: string;
}

export interface AceStatus {
  /** Whether its catalogue is loaded. */
  readonly playlistLoaded: boolean;
  readonly version?: AceVersion;
}

/** Undefined when there is no version in it. */
export function parseVersion(result: unknown): AceVersion | undefined {
  if (!isObject(result)) return undefined;
  const version = readText(result, 'version');
  if (version === undefined) return undefined;
  const code = readNumber(result, 'code');
  const platform = readText(result, 'platform');
  return { version, ...(code === undefined ? {} : { code }), ...(platform === undefined ? {} : { platform }) };
}

export function parseStatus(result: JsonObject): AceStatus {
  const version = parseVersion(result['version']);
  return {
    playlistLoaded: readFlag(result, 'playlist_loaded') ?? false,
    ...(version === undefined ? {} : { version }),
  };
}
