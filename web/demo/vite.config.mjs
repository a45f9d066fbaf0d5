import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // Relative addresses: the page may lie under any path.
  base: './',
  publicDir: false,
  resolve: { alias: { ggweb: new URL('../dist/index.js', import.meta.url).pathname } },
  build: { outDir: '../pkg/demo', emptyOutDir: true, target: 'es2022' },
  worker: { format: 'es' },
});
