import type { Setting } from './setting.ts';
import { choice, integer } from './setting-types.ts';

/** Settings of what players of HLS get. */
export interface HlsConfig {
  readonly streamFormat: 'ts' | 'hls';
  readonly hlsSource: 'ts' | 'engine';
  readonly hlsLowLatency: 'on' | 'off';
  readonly hlsTargetDurationSeconds: number;
  readonly hlsWindowSegments: number;
  readonly hlsFirstPlaylistMs: number;
}

export const hlsSettings: { readonly [Field in keyof HlsConfig]: Setting<HlsConfig[Field]> } = {
  streamFormat: {
    name: 'STREAM_FORMAT',
    type: choice('ts', 'hls'),
    default: 'ts',
    text: 'What /ace/getstream plays when the player does not say format=ts or format=hls.',
    group: 'playback',
  },
  hlsSource: {
    name: 'HLS_SOURCE',
    type: choice('ts', 'engine'),
    default: 'ts',
    text: 'Whether HLS is cut from the MPEG-TS stream, or taken from the HLS of engines.',
    group: 'playback',
    changes: 'restart',
  },
  hlsLowLatency: {
    name: 'HLS_LL',
    type: choice('on', 'off'),
    default: 'off',
    text: 'Whether HLS players get low-latency playlists without asking for ll=1.',
    group: 'playback',
    changes: 'restart',
  },
  hlsTargetDurationSeconds: {
    name: 'HLS_TARGET_DURATION',
    type: integer(2, 30, 's'),
    default: 6,
    text: 'Longest HLS segment that is cut.',
    group: 'playback',
    changes: 'restart',
  },
  hlsWindowSegments: {
    name: 'HLS_WINDOW_SEGMENTS',
    type: integer(3, 1_000),
    default: 8,
    text: 'Segments in an HLS playlist; more while they are shorter than five target durations together.',
    group: 'playback',
    changes: 'restart',
  },
  hlsFirstPlaylistMs: {
    name: 'HLS_FIRST_PLAYLIST_MS',
    type: integer(1_000, 120_000, 'ms'),
    default: 30_000,
    text: 'Longest wait for the first HLS playlist of a stream.',
    group: 'playback',
    changes: 'restart',
  },
};
