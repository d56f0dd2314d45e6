import { expect, it } from 'vitest';
import { DaemonInfoReader } from './daemon-info.ts';
import type { DockerClient } from './docker-client.ts';

/** Of a daemon that says so of itself. */
async function read(info: object): Promise<Awaited<ReturnType<DaemonInfoReader['read']>>> {
  const call = async (_attempt: string, ask: (docker: unknown) => Promise<unknown>): Promise<unknown> =>
    ask({ info: async () => info });
  return new DaemonInfoReader({ call } as unknown as DockerClient).read(new AbortController().signal);
}

const docker = { Architecture: 'x86_64', ServerVersion: '20.10.24', Name: 'box', LoggingDriver: 'json-file' };
const podman = { ...docker, Architecture: 'arm64', LoggingDriver: '', BuildahVersion: '1.28.2', Rootless: false };

it('knows a processor by the name that images have for it', async () => {
  expect((await read(docker)).architecture).toBe('amd64');
  expect((await read(podman)).architecture).toBe('arm64');
});

it.each([
  ['Docker on a machine', docker, false],
  ['Docker Desktop', { ...docker, OperatingSystem: 'Docker Desktop' }, true],
  ['Docker without root', { ...docker, SecurityOptions: ['name=rootless'] }, true],
  ['Podman as root', podman, false],
  ['Podman without root', { ...podman, Rootless: true }, true],
] as const)('%s hides the addresses of containers, or does not', async (_what, info, expected) => {
  expect((await read(info)).hidesContainers).toBe(expected);
});

it('logs are kept small where they are files', async () => {
  expect((await read(docker)).logsToFiles).toBe(true);
  expect((await read({ ...docker, LoggingDriver: 'journald' })).logsToFiles).toBe(false);
  expect(await read(podman)).toMatchObject({ logsToFiles: true, keepsImageNames: true });
});
