import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'vite';
import { bundledLicenses } from './scripts/bundled-licenses.ts';

/** Where `vite dev` finds a running server; the page asks it under its own origin. */
const server = process.env['PANEL_SERVER'] ?? 'http://127.0.0.1:8000';

const config: UserConfig = defineConfig({
  // Relative, so that the same files work under any base path.
  base: './',
  plugins: [react(), tailwindcss(), bundledLicenses()],
  build: {
    // What has light-dark(): the colours of both themes stay one line each.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: Object.fromEntries(['/api', '/ace'].map((path) => [path, { target: server, changeOrigin: false }])),
  },
});
export default config;
