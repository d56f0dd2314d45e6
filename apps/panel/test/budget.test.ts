import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
/** What a first visit may cost, compressed, without the players. */
const budgetBytes = 250_000;

let files: string[];
let html: string;

beforeAll(async () => {
  files = (await readdir(dist, { recursive: true })).filter((file) => /\.\w+$/.test(file));
  html = await readFile(`${dist}index.html`, 'utf8');
});

/** Of what is compressed already, such as fonts, nothing is left to gain. */
async function transferBytes(file: string): Promise<number> {
  const content = await readFile(dist + file);
  return file.endsWith('.woff2') ? content.byteLength : gzipSync(content).byteLength;
}

/** What a page of any kind can load at the start: everything but the code that plays, and what is there to be read. */
function firstLoad(): string[] {
  return files.filter((file) => !/start-(ts|hls)-[\w-]+\.js$/.test(file) && file !== 'licenses.txt');
}

it('loads at most 250 kB before something is played, every page included', async () => {
  const sizes = await Promise.all(firstLoad().map(transferBytes));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(budgetBytes);
});

it('loads the players on demand', () => {
  const players = files.filter((file) => file.endsWith('.js') && !firstLoad().includes(file));
  expect(players).toHaveLength(2);
  for (const player of players) expect(html).not.toContain(player);
});

it('comes with the licences of what is in it', async () => {
  const text = await readFile(`${dist}licenses.txt`, 'utf8');
  const names = [...text.matchAll(/^=+\n(\S+) \S+ \(.+\)\n-+$/gm)].map(([, name]) => name);
  const { dependencies } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  expect(names).toEqual(
    expect.arrayContaining([...Object.keys(dependencies).filter((name) => name !== 'radix-ui'), 'tailwindcss']),
  );
  // What those depend on is in it as well.
  expect(names).toEqual(expect.arrayContaining(['scheduler', '@radix-ui/react-dialog']));
  expect(text).toContain('Permission is hereby granted, free of charge');
  expect(text).toContain('Apache License');
  expect(text).toContain('SIL OPEN FONT LICENSE');
});

it('asks nothing of another host', async () => {
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  const css = await Promise.all(
    files.filter((file) => file.endsWith('.css')).map((file) => readFile(dist + file, 'utf8')),
  );
  expect(css.join('')).not.toMatch(/url\((?!data:)["']?(https?:)?\/\//);
  expect(css.join('')).not.toContain('@import');
});

it('names its files relative to itself, so that any base path will do', () => {
  const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !link!.startsWith('./'))).toEqual([]);
});
