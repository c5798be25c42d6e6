// The one place that knows where the build put its files: programs of threads, the page, rules, the sample.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Beside the bundled program or above its part; in the build folder when run from source, which has folders alike. */
const PLACES = import.meta.url.endsWith('.ts') ? ['../dist/'] : ['./', '../']

/** The built file `name` (such as "session/engine-worker.js"). Throws a sentence where there is none. */
export function builtFile(name: string): URL {
  const places = PLACES.map((place) => new URL(`${place}${name}`, import.meta.url))
  const found = places.find((place) => existsSync(fileURLToPath(place)))
  if (found === undefined) throw new Error(`${name} is not built: run "npm run build" once`)
  return found
}
