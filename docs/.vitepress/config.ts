import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';

/**
 * The documentation site: the pages of this repository as they are, each package's README included. Links to what is
 * not a page lead to the source on GitHub.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url));
const source = 'https://github.com/acestream-orchestrator/acestream-orchestrator';
const isPage = (path: string): boolean =>
  /^(README|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$|^(packages|apps)\/[^/]+\/README\.md$|^bench\/README\.md$/.test(
    path,
  );

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: 'AceStream Orchestrator',
  description: 'One URL in front of a pool of AceStream engines',
  lang: 'en',
  srcDir: '..',
  srcExclude: ['**/node_modules/**', '.changeset/**', 'examples/**', '**/CHANGELOG.md', '**/dist/**'],
  outDir: './.vitepress/dist',
  cacheDir: './.vitepress/cache',
  rewrites: (page: string) => page.replace(/(^|\/)README\.md$/, '$1index.md'),
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: source }],
    nav: [
      { text: 'Start', link: '/' },
      { text: 'Guides', link: '/docs/guides/players' },
      { text: 'Settings', link: '/docs/configuration' },
    ],
    sidebar: [
      {
        text: 'Use it',
        items: [
          { text: 'Start', link: '/' },
          { text: 'The server', link: '/apps/server/' },
          { text: 'Settings', link: '/docs/configuration' },
          { text: 'HTTP reference', link: '/docs/http' },
          { text: 'Errors', link: '/docs/errors' },
          { text: 'Metrics', link: '/docs/metrics' },
          { text: 'Events and the live feed', link: '/docs/events' },
          { text: 'Comparison', link: '/docs/comparison' },
        ],
      },
      {
        text: 'Guides',
        items: [
          { text: 'Docker', link: '/docs/guides/docker' },
          { text: 'VPN', link: '/docs/guides/vpn' },
          { text: 'Players and media servers', link: '/docs/guides/players' },
          { text: 'Behind a reverse proxy', link: '/docs/guides/reverse-proxy' },
          { text: 'Tune latency', link: '/docs/guides/latency' },
          { text: 'When something is wrong', link: '/docs/guides/troubleshooting' },
          { text: 'Come from 1.5 or acexy', link: '/docs/guides/migration' },
          { text: 'Embed the libraries', link: '/docs/guides/embed' },
        ],
      },
      {
        text: 'Packages',
        items: ['mpegts-proxy', 'hls-proxy', 'engine-orchestrator', 'perf-metrics', 'engine-simulator'].map((name) => ({
          text: name,
          link: `/packages/${name}/`,
        })),
      },
      {
        text: 'How it is built',
        items: [
          { text: 'Architecture', link: '/docs/architecture' },
          { text: 'Benchmarks', link: '/bench/' },
          { text: 'Contributing', link: '/CONTRIBUTING' },
          { text: 'Security', link: '/SECURITY' },
        ],
      },
    ],
  },
  markdown: {
    config(markdown) {
      markdown.core.ruler.push('links-to-source', ({ tokens, env }) => {
        const { path } = env as { path: string };
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const target = token.type === 'link_open' ? sourcePath(token.attrGet('href') ?? '', path) : undefined;
          if (target !== undefined) token.attrSet('href', `${source}/blob/main/${target}`);
        }
      });
    },
  },
});

/** The path in the repository that a relative link leads to, when that is not one of the site's pages. */
function sourcePath(target: string, page: string): string | undefined {
  if (/^([a-z]+:|#|\/)/.test(target)) return undefined;
  const file = join(dirname(page), target.split('#', 1)[0]!);
  const path = relative(repository, file);
  return existsSync(file) && !isPage(path) ? path : undefined;
}

export default config;
