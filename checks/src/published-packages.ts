import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.ts';

/** A workspace member that is published to npm. */
export interface PublishedPackage {
  readonly name: string;
  /** From the root of the repository, such as `packages/mpegts-proxy`. */
  readonly folder: string;
  /** What can be imported, such as `@acestream-orchestrator/mpegts-proxy/testing`. */
  readonly entries: readonly string[];
  /** Names of its commands. */
  readonly commands: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Every member of `packages/` and `apps/` that is not private, as its package.json says. */
export function publishedPackages(): readonly PublishedPackage[] {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(repository, parent)).flatMap((member) => {
      const folder = `${parent}/${member}`;
      const manifest = JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')) as Manifest;
      return manifest.private === true ? [] : [describe(folder, manifest)];
    }),
  );
}

function describe(folder: string, { name, exports = {}, bin = {} }: Manifest): PublishedPackage {
  const entries = Object.keys(exports).filter((path) => path !== './package.json');
  return { name, folder, entries: entries.map((path) => name + path.slice(1)), commands: Object.keys(bin) };
}
