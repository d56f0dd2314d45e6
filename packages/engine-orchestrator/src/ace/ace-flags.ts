import type { ContainerCache, PortNumbers } from '../docker/container-spec.ts';
import type { FlagStyle } from './ace-variants.ts';

/** A flag of the engine's command line, `--name` or `--name value`. */
export type AceFlag = readonly [name: string] | readonly [name: string, value: string];

/** The ports of an engine's container, the one of its HTTP API first. */
export const acePorts = {
  http: {},
  https: { for: 'inside' },
  api: { for: 'inside' },
  p2p: { for: 'outside', protocol: 'both' },
} as const;

/** Where an engine without a terminal listens. */
export function portFlags({ http, https, api, p2p }: PortNumbers): readonly AceFlag[] {
  return [
    ['--client-console'],
    ['--bind-all'],
    ['--http-port', `${http}`],
    ['--https-port', `${https}`],
    ['--api-port', `${api}`],
    ['--port', `${p2p}`],
  ];
}

/** Where it keeps what it downloads: in its memory, unless it has a folder for that. */
export function cacheFlags(cache: ContainerCache | undefined): readonly AceFlag[] {
  if (cache === undefined) return [['--live-cache-type', 'memory']];
  const size: readonly AceFlag[] =
    cache.sizeBytes === undefined ? [] : [['--live-disk-cache-size', `${Math.floor(cache.sizeBytes * 0.9)}`]];
  return [['--live-cache-type', 'disk'], ['--cache-dir', cache.path], ...size];
}

/** Flags as an image takes them. */
export function formatFlags(flags: readonly AceFlag[], style: FlagStyle): string {
  return style === 'CONF' ? flags.map((flag) => flag.join('=')).join('\n') : flags.flat().join(' ');
}
