// How the page is built: hashed files only, as the Content-Security-Policy allows nothing inline.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const NO_WEBTRANSPORT = '\0no-webtransport'
/** The service behind the page in development; `npm run dev` names its own. */
const service = process.env['TELLTALE_SERVICE'] ?? 'http://127.0.0.1:8480'

/** The service offers no WebTransport: without it the client of socket.io is half a kilobyte smaller. */
const withoutWebTransport: Plugin = {
  name: 'without-webtransport',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source.endsWith('/webtransport.js') && importer?.includes('engine.io-client') === true ? NO_WEBTRANSPORT : null,
  load: (id) => (id === NO_WEBTRANSPORT ? 'export class WT {}' : null),
}

export default defineConfig({
  root: fileURLToPath(new URL('ui', import.meta.url)),
  plugins: [withoutWebTransport, svelte({ configFile: false, compilerOptions: { runes: true, css: 'external' } })],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // A screen's scripts are mostly there already; lists of them would load with every page.
    modulePreload: false,
    // Browsers load a map only where developer tools are open.
    sourcemap: true,
  },
  server: {
    host: '127.0.0.1',
    // Host stays what the browser sent, so that it agrees with Origin: the service checks both, here as everywhere.
    proxy: {
      '/api': { target: service, changeOrigin: false },
      '/socket.io': { target: service, changeOrigin: false, ws: true },
    },
  },
})
