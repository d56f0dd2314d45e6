import { readdir, readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

/** What ends up in the page without being a module of it: styles and fonts. */
const besidesModules = ['tailwindcss', '@fontsource-variable/inter'] as const;

interface Notice {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/**
 * Writes `licenses.txt` beside the page: name, version and licence text of every package of which anything is in the
 * bundle. A package without a licence of its own stops the build: it could not be given to anybody.
 */
export function bundledLicenses(): Plugin {
  return {
    name: 'bundled-licenses',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
      const require = createRequire(import.meta.url);
      const others = besidesModules.map((name) => join(dirname(require.resolve(`${name}/package.json`)), 'index'));
      const folders = [...modules, ...others].map(packageFolder).filter((folder) => folder !== undefined);
      const notices = await Promise.all(
        [...new Set(await Promise.all(folders.map((folder) => realpath(folder))))].map(readNotice),
      );
      const byName = new Map(notices.map((notice) => [`${notice.name} ${notice.version}`, notice]));
      const sorted = [...byName.keys()].sort().map((key) => formatNotice(byName.get(key)!));
      this.emitFile({
        type: 'asset',
        fileName: 'licenses.txt',
        source: `This page contains parts of these packages.\n\n${sorted.join('\n')}`,
      });
    },
  };
}

/** The folder of the package that a module is of; undefined for the page's own. */
function packageFolder(id: string): string | undefined {
  return /^(?:\0)?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
}

async function readNotice(folder: string): Promise<Notice> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence`);
  const file = (await readdir(folder)).find((each) => /^(licen[cs]e|copying)(\.|$)/i.test(each));
  // Some packages of a larger repository leave the text to it; the name of the licence then has to do.
  const text = file === undefined ? `Licensed under ${license}.` : await readFile(join(folder, file), 'utf8');
  return { name, version, license, text };
}

function formatNotice({ name, version, license, text }: Notice): string {
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'-'.repeat(80)}\n${text.trim()}\n`;
}
