// How the tests run: one node process per file, the slow suite only when SLOW=1.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const slow = process.env['SLOW'] === '1'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: slow ? ['test/**/*.slow.ts'] : ['test/**/*.test.ts'],
    reporters: ['default', fileURLToPath(new URL('support/count-reporter.ts', import.meta.url))],
    // Tests with a real browser, real processes and real clocks may meet a busy machine: one more try there, none at
    // the desk.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: slow ? 30 * 60_000 : 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
