import type { FaultState } from '../faults/fault-set.ts';
import type { ContentCounts } from './content-counts.ts';
import type { Download, OutputFormat } from './download.ts';

/** One progressive reader. */
export interface ReaderState {
  /** Unix ms. */
  readonly openedAtMs: number;
  readonly bytesSent: number;
  /** The moment, unix ms, whose byte comes next. */
  readonly positionMs: number;
  /** How often it fell out of the live buffer and was moved forward. */
  readonly jumps: number;
}

/** A content that runs. */
export interface DownloadState {
  readonly infohash: string;
  readonly name: string;
  readonly playbackSessionId: string;
  /** `prebuf` until the first byte can be had. */
  readonly status: 'prebuf' | 'dl';
  /** Unix ms. */
  readonly startedAtMs: number;
  readonly players: readonly {
    readonly key: string;
    readonly playerId: string | null;
    readonly format: OutputFormat;
  }[];
  readonly reader: ReaderState | null;
}

/** A snapshot of one engine, for tests and for people. */
export interface EngineState {
  readonly url: string;
  readonly version: string;
  /** False while connections are refused: a crash, or the fault of that name. */
  readonly listening: boolean;
  readonly connections: number;
  readonly crashes: number;
  readonly downloads: readonly DownloadState[];
  /** By infohash: what was asked since the simulator was created, crashes included. */
  readonly contents: Readonly<Record<string, Readonly<ContentCounts>>>;
  readonly faults: readonly FaultState[];
}

export function describeDownload(download: Download): DownloadState {
  const { infohash, channel, playbackSessionId, ready, startedAtMs, reader } = download;
  return {
    infohash,
    name: channel.name,
    playbackSessionId,
    status: ready ? 'dl' : 'prebuf',
    startedAtMs,
    players: [...download.players.values()].map(({ key, playerId, format }) => ({
      key,
      playerId: playerId ?? null,
      format,
    })),
    reader: reader
      ? {
          openedAtMs: reader.openedAtMs,
          bytesSent: reader.bytesSent,
          positionMs: Math.round(reader.positionMs),
          jumps: reader.jumps,
        }
      : null,
  };
}
