import { basename, join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Results of every run go here as JSON when CI asks for them, so that one line can sum them up. */
const resultsDir = process.env['TEST_RESULTS_DIR'];

/**
 * The vitest configuration of a workspace member. Siblings are imported from `src` (no build needed).
 *
 * `fast` is what `pnpm test` runs. `heavy` runs the `*.heavy.test.ts` files, which need real players, a Docker
 * daemon or a browser.
 */
export function testConfig(tier: 'fast' | 'heavy' = 'fast'): ViteUserConfig {
  const conditions = ['@acestream-orchestrator/source', 'node', 'import', 'module', 'default'];
  const name = `${basename(process.cwd())}-${tier}`;
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      include: tier === 'fast' ? ['{src,test}/**/*.test.ts'] : ['{src,test}/**/*.heavy.test.ts'],
      exclude: ['dist/**', 'node_modules/**', ...(tier === 'fast' ? ['**/*.heavy.test.ts'] : [])],
      passWithNoTests: true,
      testTimeout: tier === 'fast' ? 20_000 : 180_000,
      hookTimeout: 60_000,
      // Real sockets and processes on a shared runner: a test that fails is run once more there, and the report says so.
      retry: process.env['CI'] ? 1 : 0,
      fileParallelism: tier === 'fast',
      // Most of what is tested waits: a core too few for vitest itself costs less than a core that idles.
      maxWorkers: '100%',
      reporters: resultsDir ? ['default', 'json'] : ['default'],
      ...(resultsDir ? { outputFile: { json: join(resultsDir, `${name}.json`) } } : {}),
    },
  });
}
