import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { simulatorImage } from '@acestream-orchestrator/engine-simulator/testing';

const run = promisify(execFile);

/** An installation on a Docker daemon whose engines are simulators; disposing of it removes its containers. */
export interface DockerEngines extends AsyncDisposable {
  readonly instance: string;
  /** Settings of the server for it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the docker command on that daemon. */
  docker(...args: readonly string[]): Promise<string>;
  /** The ids of its containers, whether they run or not. */
  all(): Promise<readonly string[]>;
  /** Its containers that run, by name. */
  running(): Promise<ReadonlyMap<string, string>>;
}

export interface DockerEnginesOptions {
  /** The daemon, as in DOCKER_HOST. Default that of the environment. */
  readonly dockerHost?: string;
  /** Ports that no other test uses at the same time. */
  readonly ports: string;
}

export async function dockerEngines({ dockerHost, ports }: DockerEnginesOptions): Promise<DockerEngines> {
  const daemon = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  const docker = async (...args: readonly string[]): Promise<string> =>
    (await run('docker', [...args], { env: { ...process.env, ...daemon } })).stdout.trim();
  const image = await simulatorImage(daemon.DOCKER_HOST === undefined ? {} : { dockerHost: daemon.DOCKER_HOST });
  const instance = `test-${randomBytes(4).toString('hex')}`;
  const filter = `label=ondemand.app=${instance}`;
  const all = async (): Promise<readonly string[]> =>
    (await docker('ps', '-aq', '--filter', filter)).split('\n').filter((id) => id !== '');
  return {
    instance,
    docker,
    all,
    env: {
      ENGINES: 'docker',
      ENGINE_VARIANT: 'nano-ace',
      ENGINE_IMAGE: image,
      ENGINE_PORTS: ports,
      INSTANCE_ID: instance,
      ...daemon,
    },
    async running() {
      const lines = (await docker('ps', '--no-trunc', '--filter', filter, '--format', '{{.Names}} {{.ID}}')).split(
        '\n',
      );
      return new Map(lines.filter((line) => line !== '').map((line) => line.split(' ') as [string, string]));
    },
    async [Symbol.asyncDispose]() {
      const left = await all();
      if (left.length > 0) await docker('rm', '-fv', ...left);
    },
  };
}
