import { expect, it } from 'vitest';
import { isSameRegistry, loginServer, registryOf } from './registry-name.ts';

it.each([
  ['engine', 'docker.io'],
  ['somebody/engine:1', 'docker.io'],
  ['docker.io/somebody/engine', 'docker.io'],
  ['index.docker.io/somebody/engine', 'docker.io'],
  ['ghcr.io/somebody/engine:latest', 'ghcr.io'],
  ['localhost/engine', 'localhost'],
  ['registry:5000/engine@sha256:00', 'registry:5000'],
  ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000'],
])('%s comes from %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

it.each([
  ['https://index.docker.io/v1/', 'docker.io', true],
  ['docker.io', 'docker.io', true],
  ['ghcr.io', 'ghcr.io', true],
  ['https://ghcr.io/v2/', 'ghcr.io', true],
  ['http://registry:5000', 'registry:5000', true],
  ['registry:5001', 'registry:5000', false],
  ['ghcr.io.example.com', 'ghcr.io', false],
  ['example.com/ghcr.io', 'ghcr.io', false],
])('a login kept under %s is one for %s: %s', (written, registry, isSame) => {
  expect(isSameRegistry(written, registry)).toBe(isSame);
});

it('helpers know registries by the names that the docker command gives them', () => {
  expect(loginServer('docker.io')).toBe('https://index.docker.io/v1/');
  expect(loginServer('ghcr.io')).toBe('ghcr.io');
});
