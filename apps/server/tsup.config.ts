import { defineConfig, type Options } from 'tsup';

const config: Options | Options[] | ((overrideOptions: Options) => Options | Options[] | Promise<Options | Options[]>) =
  defineConfig({
    entry: ['src/main.ts'],
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    clean: true,
  });
export default config;
