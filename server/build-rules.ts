// The build step that compiles rules/ into dist/rules.
import { fileURLToPath } from 'node:url'
import { writeRules } from './rulebook/compile.ts'

/** Bundled into dist/, so the repository is one folder up. */
const folder = (place: string): string => fileURLToPath(new URL(place, import.meta.url))

writeRules(folder('../rules'), folder('./rules'))
