import { defineConfig, type Options } from 'tsup';

const config: Options | Options[] | ((overrideOptions: Options) => Options | Options[] | Promise<Options | Options[]>) =
  defineConfig({
    entry: ['src/index.ts', 'src/testing/index.ts', 'src/cli.ts'],
    format: 'esm',
    target: 'node22',
    dts: true,
    sourcemap: true,
    // The sources are shipped: their maps need no copy.
    esbuildOptions(options) {
      options.sourcesContent = false;
    },
    clean: true,
  });
export default config;
