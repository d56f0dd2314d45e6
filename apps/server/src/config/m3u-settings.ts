import type { Setting } from './setting.ts';
import { integer, networks } from './setting-types.ts';

/** Settings of the playlists whose links are rewritten. */
export interface M3uConfig {
  readonly m3uNetworks: readonly string[];
  readonly m3uMaxMb: number;
  readonly m3uTimeoutMs: number;
}

export const m3uSettings: { readonly [Field in keyof M3uConfig]: Setting<M3uConfig[Field]> } = {
  m3uNetworks: {
    name: 'M3U_NETWORKS',
    type: networks(),
    default: [],
    text: 'Private networks from which playlists may be fetched; public addresses always may.',
  },
  m3uMaxMb: { name: 'M3U_MAX_MB', type: integer(1, 1_024, 'MiB'), default: 64, text: 'Largest playlist.' },
  m3uTimeoutMs: {
    name: 'M3U_TIMEOUT_MS',
    type: integer(1_000, 600_000, 'ms'),
    default: 60_000,
    text: 'Longest time a playlist may take.',
  },
};
