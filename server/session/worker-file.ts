// Where did the build put the programs that run in threads of their own?
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Beside the bundled program, or in the build folder when run from source. */
const PLACES = ['./', '../', '../../dist/']

/** The built file `name` (such as "session/engine-worker.js"). Throws a sentence where there is none. */
export function builtFile(name: string): URL {
  const places = PLACES.map((place) => new URL(`${place}${name}`, import.meta.url))
  const found = places.find((place) => existsSync(fileURLToPath(place)))
  if (found === undefined) throw new Error(`${name} is not built: run "npm run build" once`)
  return found
}
