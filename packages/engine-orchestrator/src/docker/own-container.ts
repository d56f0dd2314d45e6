import { readFile } from 'node:fs/promises';

/** What this process can tell of the container it runs in. */
export interface OwnContainer {
  /** The container that owns the network namespace this process is in: its own, or the one it shares. */
  readonly networkOwnerId: string;
  /** The text of /proc/self/mountinfo, which also tells whose files these are. */
  readonly mounts: string;
}

/** The container that this process runs in; undefined outside of any, or where that cannot be told. */
export async function ownContainer(mountinfoPath = '/proc/self/mountinfo'): Promise<OwnContainer | undefined> {
  try {
    const mounts = await readFile(mountinfoPath, 'utf8');
    const networkOwnerId = networkOwner(mounts);
    return networkOwnerId === undefined ? undefined : { networkOwnerId, mounts };
  } catch {
    return undefined;
  }
}

/**
 * Docker and Podman mount resolv.conf, hosts and hostname from the folder of the container that owns the network: of
 * another one when the network is shared.
 */
export function networkOwner(mountinfo: string): string | undefined {
  return /\/([0-9a-f]{64})\/(?:userdata\/)?(?:resolv\.conf|hosts|hostname) \/(?:etc|run)\/(?:resolv\.conf|hosts|hostname) /.exec(
    mountinfo,
  )?.[1];
}

/** Whether a container with this writable layer is another one than the container these mounts are of. */
export function isAnotherContainer(mountinfo: string, upperDir: string | undefined): boolean {
  const root = mountinfo.split('\n').find((line) => line.split(' ')[4] === '/');
  return upperDir !== undefined && root?.includes('upperdir=') === true && !root.includes(upperDir);
}
