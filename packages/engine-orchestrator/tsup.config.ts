import { defineConfig, type Options } from 'tsup';

const config: Options | Options[] | ((overrideOptions: Options) => Options | Options[] | Promise<Options | Options[]>) =
  defineConfig({
    entry: ['src/index.ts', 'src/ace/index.ts', 'src/docker/index.ts', 'src/testing.ts'],
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
