import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { containerAddress } from './container-address.ts';
import type { ContainerNetwork, NetworkFacts } from './network-facts.ts';

const vpn: ContainerNetwork = {
  id: 'vpn',
  name: 'vpn',
  startedAt: 1,
  networks: new Map([['media', { address: '172.20.0.5', gateway: '172.20.0.1' }]]),
  published: new Map([[19_001, { address: '0.0.0.0', port: 29_001 }]]),
};
const server: ContainerNetwork = {
  id: 'server',
  name: 'server',
  startedAt: 1,
  networks: new Map([['media', { address: '172.20.0.2', gateway: '172.20.0.1' }]]),
  published: new Map(),
};
const host: NetworkFacts = {
  own: undefined,
  ownIsShared: false,
  shared: undefined,
  daemonHost: '127.0.0.1',
  local: true,
  routed: true,
};

function info(mode: string, port = 19_000, published?: { IP: string; PublicPort: number }): Docker.ContainerInfo {
  return {
    Labels: { 'engine.port': `${port}` },
    HostConfig: { NetworkMode: mode },
    NetworkSettings: { Networks: { media: { IPAddress: '172.20.0.7', Gateway: '172.20.0.1' } } },
    Ports: published === undefined ? [] : [{ ...published, PrivatePort: port, Type: 'tcp' }],
  } as unknown as Docker.ContainerInfo;
}

const at = (container: Docker.ContainerInfo, facts: NetworkFacts): string | undefined => {
  const address = containerAddress(container, 'engine', facts);
  return address && `${address.host}:${address.port}`;
};

it('is the published port for a process on a machine without a route to containers', () => {
  const hidden = { ...host, routed: false };
  expect(at(info('media', 19_000, { IP: '127.0.0.1', PublicPort: 29_000 }), hidden)).toBe('127.0.0.1:29000');
  expect(at(info('media', 19_000, { IP: '0.0.0.0', PublicPort: 29_000 }), hidden)).toBe('127.0.0.1:29000');
  expect(at(info('media', 19_000, { IP: '192.168.1.4', PublicPort: 29_000 }), hidden)).toBe('192.168.1.4:29000');
});

it('is the address on the network for a process that is on it too, published or not', () => {
  expect(at(info('media', 19_000, { IP: '127.0.0.1', PublicPort: 29_000 }), { ...host, own: server })).toBe(
    '172.20.0.7:19000',
  );
});

it('is the address on the network for a machine that has a route, published or not', () => {
  expect(at(info('media', 19_000, { IP: '127.0.0.1', PublicPort: 29_000 }), host)).toBe('172.20.0.7:19000');
  expect(at(info('media'), host)).toBe('172.20.0.7:19000');
  expect(at(info('media'), { ...host, routed: false })).toBeUndefined();
});

it('is on the remote machine for a remote daemon', () => {
  const remote = { ...host, local: false, routed: false, daemonHost: '10.0.0.9' };
  expect(at(info('media', 19_000, { IP: '0.0.0.0', PublicPort: 29_000 }), remote)).toBe('10.0.0.9:29000');
  expect(at(info('media', 19_000, { IP: '127.0.0.1', PublicPort: 29_000 }), remote)).toBeUndefined();
});

it('is that of the container whose network it shares', () => {
  const inside = info('container:vpn', 19_000);
  expect(at(inside, { ...host, own: vpn, shared: vpn })).toBe('127.0.0.1:19000');
  expect(at(inside, { ...host, own: server, shared: vpn })).toBe('172.20.0.5:19000');
  expect(at(inside, { ...host, shared: vpn })).toBe('172.20.0.5:19000');
  expect(at(inside, host)).toBeUndefined();
});

it('is a port that the shared container publishes, where nothing else leads there', () => {
  expect(at(info('container:vpn', 19_001), { ...host, routed: false, shared: vpn })).toBe('127.0.0.1:29001');
});
