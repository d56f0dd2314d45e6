import { defineConfig, type Options } from 'tsup';

const config: Options | Options[] | ((overrideOptions: Options) => Options | Options[] | Promise<Options | Options[]>) =
  defineConfig({
    entry: ['src/index.ts', 'src/ace/index.ts', 'src/docker/index.ts', 'src/testing.ts'],
    format: 'esm',
    target: 'node22',
    dts: true,
    sourcemap: true,
    clean: true,
  });
export default config;
