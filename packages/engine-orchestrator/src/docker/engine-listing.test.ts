import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { listedEngine } from './engine-listing.ts';

const shared = { id: 'a1', name: 'gluetun', startedAt: 0, networks: new Map(), published: new Map() };
const facts = { own: undefined, ownIsShared: false, shared, daemonHost: '127.0.0.1', local: true, routed: true };
const context = { instance: 'i', prefix: 'acestream', facts, configHash: undefined, sharesNetwork: true };

const listing = (NetworkMode: string, startedAt?: number, Labels: Readonly<Record<string, string>> = {}) => {
  const given = { Id: 'e', Names: ['/e'], Labels, Image: 'x', Created: 1, Ports: [], HostConfig: { NetworkMode } };
  return { info: given as unknown as Docker.ContainerInfo, startedAt };
};

it.each([
  ['container:a1', 'gluetun'],
  ['container:b2', 'b2'],
  ['bridge', undefined],
])('an engine in the network %s shares that of %s', (NetworkMode, expected) => {
  expect(listedEngine(listing(NetworkMode), context).sharesNetworkOf).toBe(expected);
});

it.each([
  ['runs since before it', 'container:a1', { ...shared, startedAt: 1 }, undefined],
  ['was restarted', 'container:a1', { ...shared, startedAt: 3 }, 'network'],
  ['was made anew', 'container:b2', shared, 'network'],
  ['does not run', 'container:a1', undefined, 'network'],
] as const)('an engine in the network of a container that %s', (_what, mode, now, expected) => {
  const found = listedEngine(listing(mode, 2), { ...context, facts: { ...facts, shared: now } });
  expect(found.outdated?.reason).toBe(expected);
});

it.each([
  ['10', 10, undefined],
  ['10', 11, 'network'],
])('a clock that was set back between the starts changes nothing for an engine made at %s', (since, vpnStart, lost) => {
  const labels = { 'acestream.network_since': since };
  const now = { ...facts, shared: { ...shared, startedAt: vpnStart } };
  // Before the VPN container or after it, by the clock of the daemon.
  for (const startedAt of [5, 15]) {
    const found = listedEngine(listing('container:a1', startedAt, labels), { ...context, facts: now });
    expect(found.outdated?.reason).toBe(lost);
  }
});

it('an engine in a network of its own has not lost that of another container', () => {
  const found = listedEngine(listing('bridge', 2), { ...context, facts: { ...facts, shared: undefined } });
  expect(found.outdated).toBeUndefined();
});

it('a listing that does not say in which network an engine is, as Podman’s, is made up for by its label', () => {
  const { info } = listing('', 2);
  const podman = { ...info, HostConfig: undefined, Labels: { 'ondemand.network': 'container:b2' } };
  const found = listedEngine({ info: podman as unknown as Docker.ContainerInfo, startedAt: 2 }, context);
  expect(found).toMatchObject({ sharesNetworkOf: 'b2', outdated: { reason: 'network' } });
});

it.each([
  ['the id of an image that lost its name to another one, as Docker does', 'sha256:0123456789ab', undefined, 'image'],
  ['the name that is another image’s by now, as Podman does', 'engine:1', new Map([['engine:1', 'sha256:2']]), 'image'],
  ['the name that is still its image’s', 'engine:1', new Map([['engine:1', 'sha256:1']]), undefined],
  ['the name of an image that was removed', 'engine:1', new Map(), undefined],
] as const)('an engine that is listed with %s', (_what, Image, imageIds, expected) => {
  const { info } = listing('bridge');
  const listed = { ...info, Image, ImageID: 'sha256:1', Labels: { 'acestream.image': 'engine:1' } };
  const found = listedEngine({ info: listed, startedAt: 2 }, { ...context, imageIds });
  expect(found.outdated?.reason).toBe(expected);
});
