import { expect, it } from 'vitest';
import type { DockerError } from './docker-error.ts';
import type { ContainerNetwork, NetworkFacts } from './network-facts.ts';
import { placeContainers } from './place-containers.ts';

const host: NetworkFacts = {
  own: undefined,
  ownIsShared: false,
  shared: undefined,
  daemonHost: '127.0.0.1',
  local: true,
  routed: true,
};
const remote: NetworkFacts = { ...host, daemonHost: '10.0.0.9', local: false, routed: false };

function container(name: string, networks: readonly string[], published: readonly number[] = []): ContainerNetwork {
  return {
    id: `id of ${name}`,
    name,
    startedAt: 1,
    networks: new Map(networks.map((network) => [network, { address: '172.20.0.5', gateway: '172.20.0.1' }])),
    published: new Map(published.map((port) => [port, { address: '0.0.0.0', port: port + 1 }])),
  };
}

const local = '127.0.0.1';
const inNetwork = (...networks: string[]): NetworkFacts => ({ ...host, own: container('server', networks) });

function refusal(network: string | undefined, facts: NetworkFacts, bind = local): Partial<DockerError> {
  try {
    placeContainers({ network, bind }, facts);
  } catch (error) {
    return error as DockerError;
  }
  throw new Error('It was placed');
}

it('publishes at loopback for a process on the machine itself', () => {
  expect(placeContainers({ network: undefined, bind: local }, host)).toEqual({
    placement: { kind: 'network', network: 'bridge', publishAt: local },
    reachablePorts: undefined,
    sameNamespace: true,
  });
});

it('publishes nothing on a network that this process is on', () => {
  expect(placeContainers({ network: undefined, bind: local }, inNetwork('media'))).toEqual({
    placement: { kind: 'network', network: 'media', publishAt: undefined },
    reachablePorts: undefined,
    sameNamespace: false,
  });
  expect(placeContainers({ network: 'other', bind: local }, inNetwork('media', 'other')).placement).toMatchObject({
    network: 'other',
    publishAt: undefined,
  });
});

it('refuses a network that could not be reached from here, and names the option', () => {
  expect(refusal('bridge', inNetwork('media'))).toMatchObject({
    code: 'engine_unreachable',
    option: 'network',
    message: expect.stringContaining('set network to one that it is on (media)'),
  });
  expect(refusal('bridge', remote)).toMatchObject({ code: 'engine_unreachable', option: 'bind' });
  expect(placeContainers({ network: 'bridge', bind: '10.0.0.9' }, remote).placement).toMatchObject({
    publishAt: '10.0.0.9',
  });
});

it('puts containers into the network of another one, or nowhere', () => {
  const wish = { network: 'container:vpn', bind: local };
  expect(placeContainers(wish, { ...host, shared: container('vpn', ['bridge']) })).toEqual({
    placement: { kind: 'container', id: 'id of vpn', name: 'vpn', startedAt: 1 },
    reachablePorts: undefined,
    sameNamespace: false,
  });
  for (const facts of [host, remote, inNetwork('media')]) {
    expect(refusal(wish.network, facts)).toMatchObject({ code: 'network_container_down', blocks: 'vpn_disconnected' });
  }
});

it('uses the ports that the other container publishes where nothing else reaches it', () => {
  const hidden = { ...host, routed: false, shared: container('vpn', ['bridge'], [19_000, 19_001]) };
  const { reachablePorts } = placeContainers({ network: 'container:vpn', bind: local }, hidden);
  expect(reachablePorts).toEqual(new Set([19_000, 19_001]));
  expect(refusal('container:vpn', { ...hidden, shared: container('vpn', ['bridge']) })).toMatchObject({
    code: 'engine_unreachable',
    message: expect.stringContaining('publish the range of ports'),
  });
});

it('asks for a common network when this process and the other container have none', () => {
  const facts = { ...inNetwork('media'), shared: container('vpn', ['bridge']) };
  expect(refusal('container:vpn', facts).message).toContain('connect vpn and server to one network');
  const common = { ...inNetwork('media'), shared: container('vpn', ['bridge', 'media']) };
  expect(placeContainers({ network: 'container:vpn', bind: local }, common).placement.kind).toBe('container');
});

it('stays inside the network that this process shares with another container', () => {
  const vpn = container('vpn', ['bridge']);
  const inside = { ...host, own: vpn, ownIsShared: true, shared: vpn };
  expect(placeContainers({ network: undefined, bind: local }, inside)).toEqual({
    placement: { kind: 'container', id: vpn.id, name: 'vpn', startedAt: 1 },
    reachablePorts: undefined,
    sameNamespace: true,
  });
});

it('opens no ports of the machine unless bind says so', () => {
  expect(refusal('host', host)).toMatchObject({ code: 'engine_unreachable', option: 'bind' });
  expect(placeContainers({ network: 'host', bind: '0.0.0.0' }, host).placement).toEqual({ kind: 'host' });
});
