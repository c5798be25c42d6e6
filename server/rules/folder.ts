// Where did the build put the compiled rules?
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Beside the bundled program, or in the build folder when run from source. */
const PLACES = ['./rules', '../rules', '../../dist/rules']

/** The folder for `openRules`; the first place where there is none yet, so that the error names it. */
export function compiledRulesFolder(): string {
  const folders = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  return folders.find((folder) => existsSync(`${folder}/companies.json`)) ?? (folders[0] as string)
}
