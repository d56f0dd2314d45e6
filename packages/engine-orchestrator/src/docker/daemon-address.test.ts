import { expect, it } from 'vitest';
import { daemonAddress, formatAddress, isLocal } from './daemon-address.ts';

it('is the socket of the machine when nothing is set', () => {
  expect(daemonAddress({})).toEqual({ kind: 'unix', socketPath: '/var/run/docker.sock' });
  expect(daemonAddress({ DOCKER_HOST: ' ' })).toEqual({ kind: 'unix', socketPath: '/var/run/docker.sock' });
});

it.each([
  ['unix:///run/user/1000/docker.sock', { kind: 'unix', socketPath: '/run/user/1000/docker.sock' }],
  ['/run/podman/podman.sock', { kind: 'unix', socketPath: '/run/podman/podman.sock' }],
  ['tcp://10.0.0.2:2375', { kind: 'tcp', host: '10.0.0.2', port: 2375 }],
  ['socket-proxy:2375', { kind: 'tcp', host: 'socket-proxy', port: 2375 }],
  ['tcp://[fd00::1]', { kind: 'tcp', host: 'fd00::1', port: 2375 }],
])('reads DOCKER_HOST=%s', (text, address) => {
  expect(daemonAddress({ DOCKER_HOST: text })).toEqual(address);
});

it('takes what Podman calls it', () => {
  expect(daemonAddress({ CONTAINER_HOST: 'unix:///run/podman/podman.sock' })).toEqual({
    kind: 'unix',
    socketPath: '/run/podman/podman.sock',
  });
});

it('uses TLS as the docker command does', () => {
  expect(
    daemonAddress({ DOCKER_HOST: 'tcp://host', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs', HOME: '/home/me' }),
  ).toEqual({ kind: 'tcp', host: 'host', port: 2376, certPath: '/certs', verify: true });
  expect(daemonAddress({ DOCKER_HOST: 'tcp://host:2376', HOME: '/home/me' })).toEqual({
    kind: 'tcp',
    host: 'host',
    port: 2376,
    certPath: '/home/me/.docker',
    verify: false,
  });
});

it.each(['ssh://host', 'tcp://', 'unix://', 'http:///'])('refuses DOCKER_HOST=%s with a sentence', (text) => {
  expect(() => daemonAddress({ DOCKER_HOST: text })).toThrow(/DOCKER_HOST is .* must be like unix:/);
});

it('knows which daemons publish ports on this machine', () => {
  expect(isLocal({ kind: 'unix', socketPath: '/x' })).toBe(true);
  expect(isLocal({ kind: 'tcp', host: '127.0.0.1', port: 1 })).toBe(true);
  expect(isLocal({ kind: 'tcp', host: '10.0.0.2', port: 1 })).toBe(false);
  expect(formatAddress({ kind: 'tcp', host: 'fd00::1', port: 2376, certPath: '/certs' })).toBe('tls://[fd00::1]:2376');
});
