import type { DaemonFacts } from './container-spec.ts';
import type { DockerClient } from './docker-client.ts';

/** What is asked of a daemon once. */
export interface DaemonInfo extends DaemonFacts {
  /** Whether containers' addresses are behind a virtual machine or a user namespace. */
  readonly hidesContainers: boolean;
  /** Whether its logs are files that can be told to stay small. */
  readonly logsToFiles: boolean;
  /** Whether containers are listed with the name of their image also when that has become another one's, as by Podman. */
  readonly keepsImageNames: boolean;
}

/** Docker names processors as the kernel does in one place and as Go does in the other. */
const goNames: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  armhf: 'arm',
  i686: '386',
};

/** Asks the daemon once, and again when that failed. */
export class DaemonInfoReader {
  readonly #client: DockerClient;
  #info: DaemonInfo | undefined;

  constructor(client: DockerClient) {
    this.#client = client;
  }

  async read(signal: AbortSignal): Promise<DaemonInfo> {
    this.#info ??= await this.#client.call('ask about Docker', async (docker) => describe(await docker.info()), {
      signal,
    });
    return this.#info;
  }
}

function describe(info: unknown): DaemonInfo {
  const fields = info as Readonly<Record<string, unknown>>;
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  const options = Array.isArray(fields['SecurityOptions']) ? fields['SecurityOptions'].map(String) : [];
  const kernelName = text('Architecture');
  const isPodman = text('BuildahVersion') !== '';
  return {
    architecture: goNames[kernelName] ?? kernelName,
    version: text('ServerVersion'),
    name: text('Name'),
    hidesContainers:
      text('OperatingSystem').includes('Docker Desktop') ||
      options.some((option) => option.includes('rootless')) ||
      fields['Rootless'] === true,
    // Podman names no driver; where logs go to the journal, their size is nobody's business here and ignored.
    logsToFiles: isPodman || ['json-file', 'local'].includes(text('LoggingDriver')),
    keepsImageNames: isPodman,
  };
}
