// The core as the product has it.
import { coreModule } from '../../../capture/sources/core-file.ts'
import type { CoreBuild } from './core-under-test.ts'

export function productBuild(): CoreBuild {
  return { module: coreModule(), points: [], importsMemory: false }
}
