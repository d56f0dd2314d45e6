import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findTool } from '@acestream-orchestrator/engine-simulator/testing';

const run = promisify(execFile);

/** Podman with a store, a network and a service of its own, beside that of the machine. Needs root. */
export interface OwnPodman extends AsyncDisposable {
  readonly socketPath: string;
  /** Its network, which is no other's. */
  readonly network: string;
  /** Runs the podman command on it. */
  podman(...args: readonly string[]): Promise<string>;
  /** Removes all its containers and their volumes. */
  clear(): Promise<void>;
}

export interface OwnPodmanOptions {
  /** An archive of `docker save`, loaded first. */
  readonly archive: string;
  /** `127.0.0.1:<port>` of a registry without TLS. */
  readonly registry: string;
}

export async function ownPodman({ archive, registry }: OwnPodmanOptions): Promise<OwnPodman> {
  const folder = await mkdtemp(join(tmpdir(), 'podman-'));
  const file = (name: string): string => join(folder, name);
  // What it can do without: systemd, the limits that a container engine on a machine of its own may raise, an overlay.
  await writeFile(
    file('containers.conf'),
    [
      '[engine]',
      ...['cgroup_manager = "cgroupfs"', 'events_logger = "file"', 'lock_type = "file"', `tmp_dir = "${file('tmp')}"`],
      '[containers]',
      'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]',
      '[network]',
      `network_config_dir = "${file('networks')}"`,
    ].join('\n'),
  );
  await writeFile(
    file('storage.conf'),
    `[storage]\ndriver = "vfs"\ngraphroot = "${file('store')}"\nrunroot = "${file('run')}"\n`,
  );
  await writeFile(file('registries.conf'), `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`);
  const env = {
    ...process.env,
    CONTAINERS_CONF: file('containers.conf'),
    CONTAINERS_STORAGE_CONF: file('storage.conf'),
    CONTAINERS_REGISTRIES_CONF: file('registries.conf'),
  };
  const program = findTool('podman').path;
  const podman = async (...args: readonly string[]): Promise<string> =>
    (await run(program, [...args], { env })).stdout.trim();
  await podman('load', '-q', '-i', archive);
  const network = `own${process.pid}`;
  await podman('network', 'create', '--subnet', subnet, network);
  const socketPath = file('podman.sock');
  const service = spawn(program, ['system', 'service', '--time=0', `unix://${socketPath}`], { env, stdio: 'ignore' });
  await appears(socketPath, service);
  const clear = async (): Promise<void> => {
    const removal = ['rm', '-af', '-t', '0', '--volumes'] as const;
    // One whose network others share goes only after they have gone.
    await podman(...removal).catch(() => podman(...removal));
  };
  return {
    socketPath,
    network,
    podman,
    clear,
    async [Symbol.asyncDispose]() {
      await clear();
      await podman('network', 'rm', network);
      // Where the addresses of the network were noted, which nobody clears.
      await rm(join('/var/lib/cni/networks', network), { recursive: true, force: true });
      service.kill('SIGTERM');
      await once(service, 'exit');
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    },
  };
}

/** A subnet that neither Docker nor Podman nor most machines use. */
const subnet = '10.213.78.0/24';

async function appears(path: string, service: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (service.exitCode !== null) throw new Error(`podman's service ended with ${service.exitCode}`);
    try {
      return await access(path);
    } catch {
      await delay(50);
    }
  }
  throw new Error("podman's service made no socket");
}
