// The compiled packet core, read from where the build put it.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Beside the bundled program, above its part, or in the build folder when run from source. */
const PLACES = import.meta.url.endsWith('.ts') ? ['../../dist/core.wasm'] : ['./core.wasm', '../core.wasm']

let compiled: WebAssembly.Module | null = null

/** The core's module, compiled once for each thread. Throws a sentence where it is not built. */
export function coreModule(): WebAssembly.Module {
  if (compiled !== null) return compiled
  const found = PLACES.map((place) => new URL(place, import.meta.url)).find((place) => existsSync(fileURLToPath(place)))
  if (found === undefined) throw new Error('core.wasm is not built: run "npm run build" once')
  compiled = new WebAssembly.Module(readFileSync(found))
  return compiled
}
