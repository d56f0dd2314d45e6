import { readFile } from 'node:fs/promises';

const { paths } = JSON.parse(await readFile(new URL('../../../server/openapi.json', import.meta.url), 'utf8')) as {
  readonly paths: Readonly<Record<string, unknown>>;
};

const patterns = Object.keys(paths).map((path) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`));

/** Whether a URL is of a path that the server has. */
export function serverHasUrl(url: string): boolean {
  const { pathname } = new URL(url);
  return patterns.some((pattern) => pattern.test(pathname));
}
