import { expect, it } from 'vitest';
import { configHash } from './config-hash.ts';
import type { ContainerSpec } from './container-spec.ts';

const spec: ContainerSpec = {
  image: 'some/image:1',
  ports: { http: {}, api: {} },
  command: ({ http, api }) => ['run', `${http}`, `${api}`],
  env: { A: '1', B: '2' },
  memoryBytes: 1e9,
};
const hash = configHash(spec, 'bridge');

it('is the same for what makes the same containers', () => {
  const { image, ports, command, memoryBytes } = spec;
  const reordered = { memoryBytes, env: { B: '2', A: '1' }, command, ports, image } as ContainerSpec;
  expect(configHash(reordered, 'bridge')).toBe(hash);
  expect(configHash({ ...spec, labels: { any: 'label' } }, 'bridge')).toBe(hash);
  expect(hash).toMatch(/^[0-9a-f]{12}$/);
});

it.each<[string, Partial<ContainerSpec>]>([
  ['the image', { image: 'some/image:2' }],
  ['a flag', { command: ({ http, api }) => ['run', `${http}`, `${api}`, '--more'] }],
  ['which port a flag names', { command: ({ http, api }) => ['run', `${api}`, `${http}`] }],
  ['the environment', { env: { A: '1', B: '3' } }],
  ['the order of ports', { ports: { api: {}, http: {} } }],
  ['a limit', { memoryBytes: 2e9 }],
  ['the cache', { cache: { kind: 'tmpfs', path: '/cache' } }],
])('differs with %s', (_what, change) => {
  expect(configHash({ ...spec, ...change }, 'bridge')).not.toBe(hash);
});

it('differs with the network', () => {
  expect(configHash(spec, 'container:vpn')).not.toBe(hash);
});
