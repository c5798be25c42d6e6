// How many branches of the decoders do the tests reach? vitest run --config test/capture/coverage.config.ts
// test/capture/fuzz.test.ts (the fuzzing alone) or test/capture (with the unit tests). Fails below 95 %.
import { mergeConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

export default mergeConfig(base, {
  test: {
    coverage: {
      enabled: true,
      provider: 'v8',
      include: ['capture/decode.ts', 'capture/frame.ts', 'capture/formats/**', 'capture/wire/**'],
      reporter: ['text'],
      reportsDirectory: 'node_modules/.cache/coverage',
      thresholds: { branches: 95 },
    },
  },
})
