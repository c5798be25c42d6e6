// How the page is built: hashed files only, as the Content-Security-Policy allows nothing inline.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('ui', import.meta.url)),
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true, css: 'external' } })],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Browsers load a map only where developer tools are open.
    sourcemap: true,
  },
})
