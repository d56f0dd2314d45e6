import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DockerEngines } from './docker-engines.ts';

/** An image at a registry, under a name that is nobody else's. */
export interface PublishedImage extends AsyncDisposable {
  readonly name: string;
  /** The registry gets another one by this name, which Docker does not have then. A layer of it has so many bytes. */
  publishNewer(layerBytes: number): Promise<void>;
}

export interface PublishedImageOptions {
  /** `127.0.0.1:<port>` */
  readonly registry: string;
  /** What is published first. Default a tiny one that cannot be run. */
  readonly base?: string | undefined;
}

/** Publishes an image at a registry; Docker has it by that name, too. */
export async function publishedImage(
  { docker }: Pick<DockerEngines, 'docker'>,
  { registry, base = 'scratch' }: PublishedImageOptions,
): Promise<PublishedImage> {
  const repository = `${registry}/engine-${randomBytes(4).toString('hex')}`;
  const name = `${repository}:live`;

  /** Its id. */
  async function build(from: string, layerBytes: number): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'image-'));
    await writeFile(join(folder, 'payload'), randomBytes(layerBytes));
    await writeFile(join(folder, 'Dockerfile'), `FROM ${from}\nCOPY payload /payload\n`);
    const id = await docker('build', '-q', '--no-cache', folder);
    await rm(folder, { recursive: true });
    return id;
  }

  async function publish(image: string): Promise<void> {
    await docker('tag', image, name);
    await docker('push', '-q', name);
  }

  const first = base === 'scratch' ? await build(base, 1_000) : base;
  await publish(first);
  return {
    name,
    async publishNewer(layerBytes) {
      const newer = await build(base, layerBytes);
      await publish(newer);
      await docker('tag', first, name);
      await docker('rmi', '-f', newer);
    },
    async [Symbol.asyncDispose]() {
      const users = (await docker('ps', '-aq', '--filter', `ancestor=${name}`)).split('\n').filter((id) => id !== '');
      if (users.length > 0) await docker('rm', '-fv', ...users);
      // By tag and by digest.
      const format = '{{.Repository}}{{if eq .Tag "<none>"}}@{{.Digest}}{{else}}:{{.Tag}}{{end}}';
      const names = (await docker('images', '--digests', '--format', format, repository)).split('\n');
      for (const each of new Set(names)) if (each !== '') await docker('rmi', '-f', each);
    },
  };
}
