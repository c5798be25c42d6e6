// How the tests run: one node process per file, the slow suite only when SLOW=1.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { UNBUILT } from './test/support/unbuilt.mjs'

const slow = process.env['SLOW'] === '1'
const unbuilt = UNBUILT.flatMap((place) => (place.endsWith('.ts') ? [place] : [`${place}/**/*.test.ts`]))

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The page's state classes (ui/state/*.svelte.ts) are compiled as they are for the page.
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true, css: 'external' } })],
  test: {
    reporters: ['default', fileURLToPath(new URL('test/support/count-reporter.ts', import.meta.url))],
    // Tests with a real browser, real processes and real clocks may meet a busy machine: one more try there, none at
    // the desk.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: slow ? 30 * 60_000 : 60_000,
    pool: 'forks',
    // On the two cores of a small machine: most of the time of real processes and clocks is waiting.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'built',
          include: slow ? ['test/**/*.slow.ts'] : ['test/**/*.test.ts'],
          exclude: slow ? [] : unbuilt,
          globalSetup: ['test/support/build-first.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'unbuilt', include: slow ? [] : unbuilt, globalSetup: ['test/support/core-first.ts'] },
      },
    ],
  },
})
