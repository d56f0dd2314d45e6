import type { ContainerSpec } from '../../src/docker/index.ts';

/** Containers of the simulator's image, which is started as an engine is. */
export function simulatorSpec(image: string): ContainerSpec {
  return {
    image,
    ports: { http: {}, api: { for: 'inside' }, p2p: { for: 'outside', protocol: 'both' } },
    command: ({ http, api, p2p }) => [
      ...['/acestream/acestreamengine', '--client-console', '--bind-all', '--http-port', `${http}`],
      ...['--api-port', `${api}`, '--port', `${p2p}`],
    ],
  };
}
