import { basename, join } from 'node:path';
import { defineConfig, type ViteUserConfigFnObject } from 'vitest/config';

/** The test files of each tier. `vitest run` takes those that need nothing but Node. */
const tiers = {
  /** Real players, a browser, many processes, minutes: `vitest run --mode heavy`. */
  heavy: '*.heavy.test.ts',
  /** A Docker daemon: `vitest run --mode docker`. */
  docker: '*.docker.test.ts',
};

/** Results of every run go here as JSON when CI asks for them, so that one line can sum them up. */
const resultsDir = process.env['TEST_RESULTS_DIR'];

/** The vitest configuration of a workspace member. Siblings are imported from `src` (no build needed). */
const config: ViteUserConfigFnObject = defineConfig(({ mode }) => {
  const conditions = ['@acestream-orchestrator/source', 'node', 'import', 'module', 'default'];
  const tier = mode === 'heavy' || mode === 'docker' ? mode : undefined;
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      include: [`{src,test}/**/${tier ? tiers[tier] : '*.test.ts'}`],
      exclude: ['dist/**', 'node_modules/**', ...(tier ? [] : Object.values(tiers).map((files) => `**/${files}`))],
      passWithNoTests: true,
      testTimeout: tier ? 180_000 : 20_000,
      hookTimeout: 60_000,
      // Real sockets and processes on a shared runner: a test that fails is run once more there, and the report says so.
      retry: process.env['CI'] ? 1 : 0,
      fileParallelism: !tier,
      // Most of what is tested waits: a core too few for vitest itself costs less than a core that idles.
      maxWorkers: '100%',
      reporters: resultsDir ? ['default', 'json'] : ['default'],
      ...(resultsDir
        ? { outputFile: { json: join(resultsDir, `${basename(process.cwd())}-${tier ?? 'fast'}.json`) } }
        : {}),
    },
  };
});
export default config;
