import { resolve } from 'node:path';
import { defineConfig } from 'vite';

/** Builds the console's page. Everything is a file of its own: the policy allows no inline code, style or font. */
export default defineConfig({
  root: resolve(import.meta.dirname, 'src/ui'),
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(import.meta.dirname, 'dist/ui'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  logLevel: 'warn',
});
