// Branch coverage of the decoders by the fuzzing alone or by all tests of test/capture. Fails below 95 %.
//   vitest run --config test/capture/coverage.config.ts test/capture/fuzz.test.ts
//   vitest run --config test/capture/coverage.config.ts test/capture
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
