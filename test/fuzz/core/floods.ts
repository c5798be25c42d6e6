// What fills the core's tables up to their limits: each flood is one long input.
import type { CoreUnderTest } from './core-under-test.ts'

/** By name. */
export function floods(): Record<string, (core: CoreUnderTest) => void> {
  return {}
}
