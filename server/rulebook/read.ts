// Reading of the files under rules/, as they are written.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import type { EventRuleFile } from '../events/rules.ts'
import type { CompanyRule, MakerRule, Word } from '../rules/types.ts'
import type { RuleFiles } from './rule-files.ts'

const MISSING = 'is missing: the rules cannot do without it'

/** One YAML file; `content` is null where it cannot be read as YAML, and `error` says what to change. */
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
  if (!existsSync(path))
    return { file: `rules/${name}`, slug: name.replace(/\.ya?ml$/, ''), content: null, error: MISSING }
  return readYaml(path, `rules/${name}`)
}

/** Every rule, for the compiler. Throws at the first file that is no YAML: `telltale rules check` lists them all. */
export function readRules(rulesFolder: string): RuleFiles {
  return {
    companies: new Map(readFolder(rulesFolder, 'companies').map((file) => [file.slug, required(file) as CompanyRule])),
    makers: new Map(readFolder(rulesFolder, 'devices').map((file) => [file.slug, required(file) as MakerRule])),
    events: new Map(readFolder(rulesFolder, 'events').map((file) => [file.slug, required(file) as EventRuleFile])),
    purposes: asRecord(readSingle(rulesFolder, 'purposes.yaml').content) as Record<string, Word>,
    kinds: asRecord(readSingle(rulesFolder, 'kinds.yaml').content) as Record<string, Word>,
    labels: asRecord(readSingle(rulesFolder, 'labels.yaml').content) as Record<string, Word>,
    chipMakers: (asRecord(readSingle(rulesFolder, 'chip-makers.yaml').content)['chipMakers'] ?? []) as string[],
  }
}

function readYaml(path: string, file: string): YamlFile {
  const slug = file.slice(file.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '')
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
    return { file, slug, content: parse(text) as unknown, error: null }
  } catch (error) {
    return { file, slug, content: null, error: yamlProblem(error, text.split(/\r?\n/)) }
  }
}

/**
 * What to change where the parser stopped, for people who do not know its terms: "line 9: indent with spaces, not
 * tabs".
 */
function yamlProblem(error: unknown, lines: readonly string[]): string {
  if (!(error instanceof YAMLParseError)) return aliasProblem(error, lines) ?? `cannot be read: ${firstSentence(error)}`
  const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 }
  // An end that is missing is noticed behind the last line.
  const noticed = Math.min(line, Math.max(1, lines.findLastIndex((text) => text.trim() !== '') + 1))
  const known = Object.entries(UNCLOSED).find(([start]) => error.message.startsWith(start))?.[1]
  if (known !== undefined) return `${known} is opened but not closed (noticed at line ${noticed})`
  if (isTabbed(lines[line - 1]) || error.code === 'TAB_AS_INDENT') return `line ${line}: indent with spaces, not tabs`
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') return keyProblem(lines, line, col)
  if (NOT_INDENTED.some((start) => error.message.startsWith(start))) return notIndented(line)
  const advice = Object.entries(ADVICE).find(([start]) => error.code === start || error.message.startsWith(start))?.[1]
  return `line ${noticed}: ${advice === undefined ? firstSentence(error) : advice(lines[line - 1] ?? '', col)}`
}

/** First words of the parser's message, and what they are about. */
const UNCLOSED: Readonly<Record<string, string>> = {
  'Missing closing': 'a quotation mark',
  'Flow sequence in block': 'a [',
  'Flow map in block': 'a {',
}

const NOT_INDENTED = ['Sequence item without - indicator', 'All mapping items must', 'All sequence items must']

const FIELD_AND_TEXT = 'write a field and its text as "field: text", with a space after the colon'

/** By the parser's code or first words: what to change in a line; `col` counts from 1. */
const ADVICE: Readonly<Record<string, (line: string, col: number) => string>> = {
  DUPLICATE_KEY: (line, col) => `${(line.slice(col - 1).split(':')[0] ?? '').trim()} is given twice: remove one`,
  MULTILINE_IMPLICIT_KEY: () => FIELD_AND_TEXT,
  'Implicit map keys': () => FIELD_AND_TEXT,
  'Unexpected scalar': () =>
    "something follows a closing quotation mark or bracket; write '' for a ' between 'single' ones",
  BAD_SCALAR_START: (line, col) => needsQuotes(line, col, `a text that starts with ${line.charAt(col - 1)}`),
  BAD_DQ_ESCAPE: () => 'a \\ has a meaning of its own between "double" quotation marks: use \'single\' ones',
}

/** Either a second ": " in one line, or a next line that is indented as if it went on with this one. */
function keyProblem(lines: readonly string[], line: number, col: number): string {
  const text = lines[line - 1] ?? ''
  const isNewLine = text.slice(0, col - 1).trim() === ''
  if (!isNewLine && /:(\s|$)/.test(text.slice(col - 1)))
    return `line ${line}: ${needsQuotes(text, col, 'a text with ": " in it')}`
  const next = lines.findIndex((other, index) => index >= line && /:(\s|$)/.test(other))
  return notIndented(isNewLine || next < 0 ? line : next + 1)
}

function notIndented(line: number): string {
  return `line ${line}: this line is not indented like its neighbours`
}

/** A text that begins with * is a reference to YAML, and the parser does not report where it stands. */
function aliasProblem(error: unknown, lines: readonly string[]): string | null {
  if (!firstSentence(error).startsWith('Unresolved alias')) return null
  const index = lines.findIndex((text) => ALIAS.test(text))
  if (index < 0) return null
  const text = lines[index] ?? ''
  return `line ${index + 1}: ${needsQuotes(text, (ALIAS.exec(text)?.[1] ?? '').length + 1, 'a text that starts with *')}`
}

const ALIAS = /^([^'"#]*[\s[,]|)\*\S/

/** `a text with ": " in it needs quotation marks: source: "capture: my lamp"` */
function needsQuotes(line: string, col: number, what: string): string {
  const field = line.slice(0, col - 1).replace(/^[\s-]+/, '')
  const text = line
    .slice(col - 1)
    .replace(/\s#.*$/, '')
    .trim()
  if (/[[{]/.test(field) || text === '') return `${what} needs quotation marks`
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
  return `${what} needs quotation marks: ${field}${/["\\]/.test(shown) ? `'${shown.replaceAll("'", "''")}'` : `"${shown}"`}`
}

const LONGEST_SHOWN = 80

function isTabbed(line: string | undefined): boolean {
  return /^ *\t/.test(line ?? '')
}

/** Without the parser's drawing of the place and its "at line 3, column 1:". */
function firstSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const [first = ''] = text.split('\n')
  return first.replace(/ at line \d+, column \d+:?$/, '').replace(/:$/, '')
}

function required({ file, content, error }: YamlFile): unknown {
  if (error !== null || typeof content !== 'object' || content === null)
    throw new Error(`${file}: ${error ?? 'is empty'}`)
  return content
}

function asRecord(content: unknown): Record<string, unknown> {
  return typeof content === 'object' && content !== null && !Array.isArray(content)
    ? (content as Record<string, unknown>)
    : {}
}
