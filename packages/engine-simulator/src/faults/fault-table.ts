import type { ParameterSpec } from './parameter.ts';

type None = Record<never, never>;

/** The parts of the API that `api-hangs` can hold up. */
export type HangingEndpoint = 'start' | 'playback' | 'stat' | 'command' | 'event' | 'search' | 'server-api' | 'service';

/** The parameters of each fault, all filled in. */
export interface FaultParameters {
  readonly 'refuse-connections': None;
  readonly 'reset-connections': None;
  readonly 'api-hangs': { readonly endpoints: readonly HangingEndpoint[] };
  readonly 'start-error': { readonly message: string; readonly missingOption: string };
  readonly 'playback-hangs': None;
  readonly 'playback-not-found': { readonly text: string };
  readonly 'playback-fails': { readonly text: string };
  readonly 'double-status-line': { readonly secondStatus: number };
  readonly 'end-early': None;
  readonly 'reset-mid-packet': None;
  readonly stall: { readonly durationMs: number; readonly lostMs: number };
  readonly 'stall-forever': None;
  readonly 'slow-drip': { readonly ratio: number };
  readonly 'timestamp-jump': { readonly jumpMs: number; readonly wrapInMs: number };
  readonly 'new-program': { readonly channel: string; readonly pidShift: number };
  readonly 'stat-unknown': None;
  readonly superseded: None;
  readonly 'stop-hangs': { readonly effective: boolean };
  readonly crash: { readonly downloads: number; readonly restartAfterMs: number };
  readonly 'wrong-host': { readonly host: string };
  readonly 'no-peers': { readonly cachedMs: number };
  readonly 'bad-redirect': { readonly kind: 'loop' | 'https' };
  readonly 'not-media': { readonly contentType: string; readonly body: string };
  readonly looped: { readonly periodMs: number; readonly ageMs: number };
  readonly 'notification-clip': { readonly channel: string; readonly durationMs: number };
  readonly 'deep-burst': { readonly burstMs: number };
  readonly 'on-demand': None;
}

export type FaultName = keyof FaultParameters;

/**
 * What a fault acts on. `engine`: the whole engine, takes no scope. `request`: requests for a content. `stream`: bytes on
 * their way to a reader.
 */
export type FaultScope = 'engine' | 'request' | 'stream';

export interface FaultDefinition<P> {
  /** Its number in the list of failure modes that the README keeps. */
  readonly number: number;
  readonly scope: FaultScope;
  /** Whether HLS shows it, MPEG-TS, both, or neither (faults of the API). */
  readonly shows: 'ts' | 'hls' | 'both' | 'api';
  readonly text: string;
  readonly parameters: { readonly [K in keyof P]: ParameterSpec<P[K]> };
  /** Other defaults for the parameters that all faults of a scope share. */
  readonly scopeDefaults?: { readonly times?: number; readonly afterBytes?: number };
}

const playbackText = (text: string): ParameterSpec<string> => ({
  type: 'string',
  default: text,
  text: 'body of the 500; real engines say `download not found`, `start timeout`, `failed to start`',
});
const milliseconds = (value: number, text: string): ParameterSpec<number> => ({
  type: 'integer',
  default: value,
  minimum: 0,
  text,
});

/** Every fault, in the order of its number. */
export const FAULT_TABLE: { readonly [N in FaultName]: FaultDefinition<FaultParameters[N]> } = {
  'refuse-connections': {
    number: 1,
    scope: 'engine',
    shows: 'api',
    text: 'New connections are refused; open ones go on.',
    parameters: {},
  },
  'reset-connections': {
    number: 2,
    scope: 'engine',
    shows: 'api',
    text: 'New connections are accepted and reset at once.',
    parameters: {},
  },
  'api-hangs': {
    number: 3,
    scope: 'request',
    shows: 'api',
    text: 'Parts of the API accept requests and never answer, while `get_version` still does. Held requests go on when the fault is cleared.',
    parameters: {
      endpoints: {
        type: 'list',
        default: ['start', 'stat', 'command', 'event', 'search'],
        choices: ['start', 'playback', 'stat', 'command', 'event', 'search', 'server-api', 'service'],
        text: 'what hangs',
      },
    },
  },
  'start-error': {
    number: 4,
    scope: 'request',
    shows: 'both',
    text: 'A start answers `{"response":null,"error":…}` (a 500 in redirect mode).',
    parameters: {
      message: { type: 'string', default: 'failed to load content', text: 'the error' },
      missingOption: {
        type: 'string',
        default: '',
        text: 'when set, `extra_data` names this missing option to players that use stop notifications',
      },
    },
  },
  'playback-hangs': {
    number: 5,
    scope: 'request',
    shows: 'both',
    text: 'The start succeeds, but playback never gets a status line; stat says `prebuf` with no peers. Held requests go on when the fault is cleared.',
    parameters: {},
  },
  'playback-not-found': {
    number: 6,
    scope: 'request',
    shows: 'both',
    text: 'Playback answers 500 a few times, then plays.',
    parameters: { text: playbackText('download not found') },
    scopeDefaults: { times: 3 },
  },
  'playback-fails': {
    number: 7,
    scope: 'request',
    shows: 'both',
    text: 'Playback answers 500 for ever.',
    parameters: { text: playbackText('download not found') },
  },
  'double-status-line': {
    number: 8,
    scope: 'request',
    shows: 'ts',
    text: 'Playback answers a head with a second status line in it, which is no HTTP.',
    parameters: {
      secondStatus: {
        type: 'integer',
        default: 200,
        minimum: 100,
        maximum: 599,
        text: 'the status of the second line',
      },
    },
  },
  'end-early': {
    number: 9,
    scope: 'stream',
    shows: 'both',
    text: 'The stream ends cleanly in the middle; a segment is cut short.',
    parameters: {},
    scopeDefaults: { afterBytes: 1_000_000 },
  },
  'reset-mid-packet': {
    number: 10,
    scope: 'stream',
    shows: 'both',
    text: 'The connection is reset inside a TS packet.',
    parameters: {},
    scopeDefaults: { afterBytes: 1_000_000 },
  },
  stall: {
    number: 11,
    scope: 'stream',
    shows: 'both',
    text: 'No bytes for a while, then a burst that begins later in the stream (continuity and PCR jump).',
    parameters: {
      durationMs: milliseconds(10_000, 'how long nothing is sent'),
      lostMs: milliseconds(5_000, 'how much of the stream is missing afterwards (MPEG-TS only); 0 loses nothing'),
    },
  },
  'stall-forever': {
    number: 12,
    scope: 'stream',
    shows: 'both',
    text: 'No more bytes, the connection stays open. Readers go on when the fault is cleared.',
    parameters: {},
  },
  'slow-drip': {
    number: 13,
    scope: 'stream',
    shows: 'both',
    text: 'Bytes come more slowly than they are played.',
    parameters: {
      ratio: { type: 'number', default: 0.3, minimum: 0.001, maximum: 1, text: 'share of the bit rate that comes' },
    },
  },
  'timestamp-jump': {
    number: 14,
    scope: 'stream',
    shows: 'both',
    text: 'PCR, PTS and DTS jump, or reach their 33-bit wrap soon.',
    parameters: {
      jumpMs: {
        type: 'integer',
        default: 3_600_000,
        minimum: -95_443_717,
        maximum: 95_443_717,
        text: 'how far the clock of the stream jumps',
      },
      wrapInMs: milliseconds(0, 'when above 0, instead of `jumpMs`: the clock jumps to this long before its wrap'),
    },
  },
  'new-program': {
    number: 15,
    scope: 'stream',
    shows: 'both',
    text: 'The stream goes on as another one: from a PAT, with other PIDs and other codecs.',
    parameters: {
      channel: {
        type: 'string',
        default: '',
        text: 'content id or infohash of what it goes on as; empty takes another codec',
      },
      pidShift: {
        type: 'integer',
        default: 0x100,
        minimum: 0,
        maximum: 0xfff,
        text: 'added to every PID but the PAT’s',
      },
    },
  },
  'stat-unknown': {
    number: 16,
    scope: 'request',
    shows: 'api',
    text: 'stat answers `unknown playback session id` while bytes flow.',
    parameters: {},
  },
  superseded: {
    number: 17,
    scope: 'request',
    shows: 'hls',
    text: 'The playlist answers 403, as after another player’s start.',
    parameters: {},
  },
  'stop-hangs': {
    number: 18,
    scope: 'request',
    shows: 'api',
    text: 'The stop command never answers.',
    parameters: {
      effective: { type: 'boolean', default: false, text: 'whether the download ends although no answer comes' },
    },
  },
  crash: {
    number: 19,
    scope: 'engine',
    shows: 'both',
    text: 'The process dies: every connection is reset, new ones are refused, and it comes back knowing nothing.',
    parameters: {
      downloads: { type: 'integer', default: 0, minimum: 0, text: 'dies when this many contents run; 0 dies at once' },
      restartAfterMs: milliseconds(6_000, 'how long it is away; clearing the fault brings it back at once'),
    },
  },
  'wrong-host': {
    number: 20,
    scope: 'engine',
    shows: 'both',
    text: 'URLs in replies name a host that is not the one asked.',
    parameters: { host: { type: 'string', default: '127.0.0.1', text: 'host, or host:port, in the URLs' } },
  },
  'no-peers': {
    number: 21,
    scope: 'stream',
    shows: 'both',
    text: 'stat says no peers and no speed, while what is cached still flows; then nothing.',
    parameters: { cachedMs: milliseconds(20_000, 'how long bytes still come') },
  },
  'bad-redirect': {
    number: 22,
    scope: 'request',
    shows: 'both',
    text: 'Playback redirects to itself, or to an https address nobody serves.',
    parameters: { kind: { type: 'string', default: 'loop', choices: ['loop', 'https'], text: 'which of the two' } },
  },
  'not-media': {
    number: 23,
    scope: 'request',
    shows: 'both',
    text: 'Playback answers 200 with something that is no MPEG-TS (and no playlist).',
    parameters: {
      contentType: { type: 'string', default: 'text/html', text: 'of the reply' },
      body: { type: 'string', default: '<html><body>Blocked</body></html>', text: 'of the reply' },
    },
  },
  looped: {
    number: 24,
    scope: 'stream',
    shows: 'both',
    text: 'A stretch of old content repeats for ever; the live positions in stat stay in that stretch.',
    parameters: {
      periodMs: { type: 'integer', default: 60_000, minimum: 100, text: 'length of what repeats' },
      ageMs: milliseconds(7_200_000, 'how long ago it was live'),
    },
  },
  'notification-clip': {
    number: 25,
    scope: 'stream',
    shows: 'both',
    text: 'A clip plays in place of the content.',
    parameters: {
      channel: { type: 'string', default: '', text: 'content id or infohash of the clip; empty takes another channel' },
      durationMs: milliseconds(0, 'how long; 0 for as long as the fault is set'),
    },
  },
  'deep-burst': {
    number: 26,
    scope: 'stream',
    shows: 'ts',
    text: 'A new reader gets minutes of the past at once, then nothing until it could have played them.',
    parameters: { burstMs: milliseconds(300_000, 'how much comes at once') },
  },
  'on-demand': {
    number: 27,
    scope: 'request',
    shows: 'api',
    text: 'The content is on demand: `is_live` is 0.',
    parameters: {},
  },
};

/** The faults' names, in the order of their numbers. */
export const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULT_TABLE) as FaultName[];

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULT_TABLE, name);
}
