// Compiles the packet core before the first test that needs nothing else of dist/.
import { buildCoreOnly } from '../../server/build.mjs'

export default async function setup(): Promise<void> {
  await buildCoreOnly()
}
