import { expect, it } from 'vitest';
import { isAnotherContainer, networkOwner } from './own-container.ts';

const id = 'ab'.repeat(32);
const root = (layer: string): string =>
  `600 540 0:51 / / rw,relatime - overlay overlay rw,lowerdir=/l/A,upperdir=/var/lib/docker/overlay2/${layer}/diff,workdir=/w`;
const docker = `${root('mine')}
640 600 254:1 /var/lib/docker/containers/${id}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw
641 600 254:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw`;
const podman = `640 600 254:1 /containers/storage/overlay-containers/${id}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw`;

it('finds the container that owns the network, of Docker and of Podman', () => {
  expect(networkOwner(docker)).toBe(id);
  expect(networkOwner(podman)).toBe(id);
});

it('finds none on a machine', () => {
  expect(networkOwner('22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n23 22 0:5 / /dev rw - devtmpfs dev rw')).toBe(
    undefined,
  );
});

it('tells whether the network is that of another container', () => {
  expect(isAnotherContainer(docker, '/var/lib/docker/overlay2/mine/diff')).toBe(false);
  expect(isAnotherContainer(docker, '/var/lib/docker/overlay2/theirs/diff')).toBe(true);
  expect(isAnotherContainer(docker, undefined)).toBe(false);
});
