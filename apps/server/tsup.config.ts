import { cp } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

const config: Options | Options[] | ((overrideOptions: Options) => Options | Options[] | Promise<Options | Options[]>) =
  defineConfig({
    // The database runs in a thread, whose file has to be beside the chunk that starts it.
    entry: { main: 'src/main.ts', 'database-worker': 'src/storage/database-worker.ts' },
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    clean: true,
    // Newer built-in modules are there under node: only.
    removeNodeProtocol: false,
    // The web page is published with the server.
    onSuccess: () => cp('../panel/dist', 'dist/panel', { recursive: true }),
  });
export default config;
