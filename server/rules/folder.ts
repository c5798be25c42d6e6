// The compiled rules in the build folder.
import { fileURLToPath } from 'node:url'
import { builtFile } from '../built-file.ts'

/** The folder for `openRules`. Throws a sentence where nothing is built. */
export function compiledRulesFolder(): string {
  return fileURLToPath(new URL('.', builtFile('rules/companies.json')))
}
