import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../packages/${path}`, import.meta.url), 'utf8');

/** The text from a line on. */
function from(text: string, line: string): string {
  const at = text.indexOf(line);
  expect(at).toBeGreaterThan(0);
  return text.slice(at);
}

test.each(['src/clock.ts', 'src/testing/fake-clock.ts'])('%s is the same in both proxies', (path) => {
  expect(read(`hls-proxy/${path}`)).toBe(read(`mpegts-proxy/${path}`));
});

test('both proxies read their settings in the same way', () => {
  const reader = (name: string): string => from(read(`${name}/src/settings.ts`), 'function resolveGroup');
  expect(reader('hls-proxy')).toBe(reader('mpegts-proxy'));
});

test('both proxies tell hooks and channels in the same way, under their own name', () => {
  const announcer = (name: string): string =>
    from(read(`${name}/src/lifecycle.ts`), '  return (name, event) => {').replaceAll(name, 'proxy');
  expect(announcer('hls-proxy')).toBe(announcer('mpegts-proxy'));
});
