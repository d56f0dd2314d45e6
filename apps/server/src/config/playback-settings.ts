import type { Setting } from './setting.ts';
import { integer } from './setting-types.ts';

/** Settings of streams and of the players that read them. */
export interface PlaybackConfig {
  readonly joinBehindMs: number;
  readonly lingerMs: number;
  readonly startTimeoutMs: number;
  readonly statusHoldMs: number;
  readonly firstByteTimeoutMs: number;
  readonly hedgeMs: number;
  readonly sourceStallMs: number;
  readonly maxOutageMs: number;
  readonly clientStallMs: number;
  readonly maxStreams: number;
  readonly maxClientsPerStream: number;
  readonly memoryLimitMb: number;
}

export const playbackSettings: { readonly [Field in keyof PlaybackConfig]: Setting<PlaybackConfig[Field]> } = {
  joinBehindMs: {
    name: 'JOIN_BEHIND_MS',
    type: integer(0, 25_000, 'ms'),
    default: 10_000,
    text: 'How far behind live a player starts: what it holds hides an engine that dies.',
    group: 'playback',
  },
  lingerMs: {
    name: 'LINGER_MS',
    type: integer(0, 3_600_000, 'ms'),
    default: 15_000,
    text: 'How long a stream goes on after its last player left.',
    group: 'playback',
  },
  startTimeoutMs: {
    name: 'START_TIMEOUT_MS',
    type: integer(100, 120_000, 'ms'),
    default: 20_000,
    text: 'Longest wait for a free engine and its answer, before a player gets an error.',
    group: 'playback',
  },
  statusHoldMs: {
    name: 'STATUS_HOLD_MS',
    type: integer(0, 60_000, 'ms'),
    default: 5_000,
    text: 'After that, how long the status line waits for the first bytes before 200 is sent.',
    group: 'playback',
  },
  firstByteTimeoutMs: {
    name: 'FIRST_BYTE_TIMEOUT_MS',
    type: integer(100, 300_000, 'ms'),
    default: 50_000,
    text: 'Longest wait from the request to the first byte.',
    group: 'playback',
  },
  hedgeMs: {
    name: 'HEDGE_MS',
    type: integer(0, 60_000, 'ms'),
    default: 10_000,
    text: 'A second engine is tried when the first has sent nothing for so long and one is free; 0 for never.',
    group: 'playback',
  },
  sourceStallMs: {
    name: 'SOURCE_STALL_MS',
    type: integer(500, 60_000, 'ms'),
    default: 3_000,
    text: 'Silence of an engine after which another one is tried.',
    group: 'playback',
  },
  maxOutageMs: {
    name: 'MAX_OUTAGE_MS',
    type: integer(0, 3_600_000, 'ms'),
    default: 60_000,
    text: 'A stream whose engines are gone ends when no other has taken over for so long.',
    group: 'playback',
  },
  clientStallMs: {
    name: 'CLIENT_STALL_MS',
    type: integer(1_000, 3_600_000, 'ms'),
    default: 300_000,
    text: 'A player that takes nothing for so long is disconnected.',
    group: 'playback',
  },
  maxStreams: {
    name: 'MAX_STREAMS',
    type: integer(1, 10_000),
    default: 200,
    text: 'Streams at the same time.',
    group: 'playback',
  },
  maxClientsPerStream: {
    name: 'MAX_CLIENTS_PER_STREAM',
    type: integer(1, 100_000),
    default: 1_000,
    text: 'Players of one stream at the same time.',
    group: 'playback',
  },
  memoryLimitMb: {
    name: 'MEMORY_LIMIT_MB',
    type: integer(0, 1_048_576, 'MiB'),
    default: 0,
    text: 'Memory for buffered video; 0 is a quarter of what the machine or its container has, at most 2 GiB.',
    group: 'playback',
    changes: 'restart',
  },
};
