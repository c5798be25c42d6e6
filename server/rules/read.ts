// What do the files under rules/ say, as they are written?
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { CompanyRule, MakerRule, RuleFiles, Word } from './types.ts'

export const MISSING = 'is missing: the rules cannot do without it'

/** One YAML file; `content` is null where it cannot be read as YAML, and `error` says why. */
export interface YamlFile {
  /** Path from the repository's root, as people write it: `rules/companies/ring.yaml`. */
  file: string
  slug: string
  content: unknown
  error: string | null
}

/** Files of one folder of rules, in the order of their names. */
export function readFolder(rulesFolder: string, folder: string): YamlFile[] {
  const path = join(rulesFolder, folder)
  if (!existsSync(path)) return []
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => readYaml(join(path, name), `rules/${folder}/${name}`))
}

/** One file in the rules folder itself; content null when it is absent. */
export function readSingle(rulesFolder: string, name: string): YamlFile {
  const path = join(rulesFolder, name)
  if (!existsSync(path)) return { file: `rules/${name}`, slug: name.replace(/\.ya?ml$/, ''), content: null, error: MISSING }
  return readYaml(path, `rules/${name}`)
}

/** Every rule, for the compiler. Throws at the first file that is no YAML: `telltale rules check` lists them all. */
export function readRules(rulesFolder: string): RuleFiles {
  return {
    companies: new Map(readFolder(rulesFolder, 'companies').map((file) => [file.slug, required(file) as CompanyRule])),
    makers: new Map(readFolder(rulesFolder, 'devices').map((file) => [file.slug, required(file) as MakerRule])),
    purposes: asRecord(readSingle(rulesFolder, 'purposes.yaml').content) as Record<string, Word>,
    kinds: asRecord(readSingle(rulesFolder, 'kinds.yaml').content) as Record<string, Word>,
    labels: asRecord(readSingle(rulesFolder, 'labels.yaml').content) as Record<string, Word>,
    chipMakers: (asRecord(readSingle(rulesFolder, 'chip-makers.yaml').content)['chipMakers'] ?? []) as string[],
  }
}

function readYaml(path: string, file: string): YamlFile {
  const slug = file.slice(file.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '')
  try {
    return { file, slug, content: parse(readFileSync(path, 'utf8')) as unknown, error: null }
  } catch (error) {
    return { file, slug, content: null, error: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
}

function required({ file, content, error }: YamlFile): unknown {
  if (error !== null || typeof content !== 'object' || content === null) throw new Error(`${file}: ${error ?? 'is empty'}`)
  return content
}

function asRecord(content: unknown): Record<string, unknown> {
  return typeof content === 'object' && content !== null && !Array.isArray(content) ? (content as Record<string, unknown>) : {}
}
