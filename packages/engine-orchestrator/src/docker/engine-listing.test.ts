import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { listedEngine } from './engine-listing.ts';

const shared = { id: 'a1', name: 'gluetun', startedAt: 0, networks: new Map(), published: new Map() };
const facts = { own: undefined, ownIsShared: false, shared, daemonHost: '127.0.0.1', local: true, routed: true };
const context = { instance: 'i', prefix: 'acestream', facts, configHash: undefined, sharesNetwork: true };

it.each([
  ['container:a1', 'gluetun'],
  ['container:b2', 'b2'],
  ['bridge', undefined],
])('an engine in the network %s shares that of %s', (NetworkMode, expected) => {
  const given = { Id: 'e', Names: ['/e'], Labels: {}, Image: 'x', Created: 1, Ports: [], HostConfig: { NetworkMode } };
  const info = given as unknown as Docker.ContainerInfo;
  expect(listedEngine({ info, startedAt: undefined }, context).sharesNetworkOf).toBe(expected);
});
