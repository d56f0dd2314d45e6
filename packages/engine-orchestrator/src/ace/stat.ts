import { isObject, type JsonObject, readCount, readNumber, readText } from './read-fields.ts';

/** The live window of a stream, in unix seconds as the engine counts them. Absent fields were absent or no numbers. */
export interface LivePosition {
  readonly pos?: number;
  readonly last?: number;
  readonly liveFirst?: number;
  readonly liveLast?: number;
  readonly firstTs?: number;
  readonly lastTs?: number;
  /** Pieces the engine holds before it delivers. */
  readonly bufferPieces?: number;
}

/** What an engine tells about a session. */
export interface AceStat {
  /** `prebuf` while it fills its buffer, then `dl`; also seen `buf`, `check`, `idle`, `wait`, `err`. */
  readonly status: string;
  readonly peers: number;
  /** KB per second, as the engine counts. */
  readonly speedDownKBps: number;
  readonly speedUpKBps: number;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  /** Filling of the start buffer in percent; only while it fills. */
  readonly progress?: number;
  /** Only for live streams that have data. */
  readonly livepos?: LivePosition;
}

export function parseStat(response: JsonObject): AceStat {
  const progress = readCount(response, 'progress');
  const livepos = isObject(response['livepos']) ? parseLivePosition(response['livepos']) : undefined;
  return {
    status: readText(response, 'status') ?? 'unknown',
    peers: readCount(response, 'peers') ?? 0,
    speedDownKBps: readCount(response, 'speed_down', 'speedDown') ?? 0,
    speedUpKBps: readCount(response, 'speed_up', 'speedUp') ?? 0,
    downloadedBytes: readCount(response, 'downloaded') ?? 0,
    uploadedBytes: readCount(response, 'uploaded') ?? 0,
    ...(progress === undefined ? {} : { progress }),
    ...(livepos === undefined ? {} : { livepos }),
  };
}

const livePositionFields = {
  pos: ['pos'],
  last: ['last'],
  liveFirst: ['live_first', 'liveFirst'],
  liveLast: ['live_last', 'liveLast'],
  firstTs: ['first_ts', 'firstTs'],
  lastTs: ['last_ts', 'lastTs'],
  bufferPieces: ['buffer_pieces', 'bufferPieces'],
} as const satisfies Record<keyof LivePosition, readonly string[]>;

function parseLivePosition(livepos: JsonObject): LivePosition | undefined {
  const known = Object.entries(livePositionFields)
    .map(([field, names]) => [field, readNumber(livepos, ...names)] as const)
    .filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : (Object.fromEntries(known) as LivePosition);
}
