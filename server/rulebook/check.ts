// The check of all rule files: each problem with its file, its field, and what to change.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventRuleFile } from '../events/rules.ts'
import { readFolder, readSingle, type YamlFile } from './read.ts'
import { type Schema, shapeProblems } from '../rules/shape.ts'
import { KINDS, LABELS, type CompanyRule, type MakerRule } from '../rules/types.ts'
import type { Problem } from './problem.ts'
import { missingCompany } from './missing.ts'
import { companyProblems } from './company-check.ts'
import { eventRuleProblems } from './event-rule-check.ts'
import { exampleProblems } from './example-check.ts'
import { makerProblems } from './maker-check.ts'

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Every problem of every file under `rules/`; an empty list means that all is well. */
export function checkRules(rulesFolder: string): Problem[] {
  const companies = readFolder(rulesFolder, 'companies')
  const makers = readFolder(rulesFolder, 'devices')
  const events = readFolder(rulesFolder, 'events')
  const purposes = readSingle(rulesFolder, 'purposes.yaml')
  const kinds = readSingle(rulesFolder, 'kinds.yaml')
  const shape = [
    ...shapesOf(companies, schemaOf(rulesFolder, 'company')),
    ...shapesOf(makers, schemaOf(rulesFolder, 'device')),
    ...shapesOf(events, schemaOf(rulesFolder, 'event')),
    ...shapeOf(kinds, schemaOf(rulesFolder, 'kinds')),
    ...shapeOf(readSingle(rulesFolder, 'labels.yaml'), schemaOf(rulesFolder, 'labels')),
    ...shapeOf(readSingle(rulesFolder, 'chip-makers.yaml'), schemaOf(rulesFolder, 'chip-makers')),
    ...shapeOf(purposes, schemaOf(rulesFolder, 'purposes')),
  ]
  const broken = new Set(shape.map(({ file }) => file))
  const goodCompanies = new Map(
    companies.filter(({ file }) => !broken.has(file)).map((file) => [file.slug, file.content as CompanyRule]),
  )
  const goodMakers = new Map(
    makers.filter(({ file }) => !broken.has(file)).map((file) => [file.slug, file.content as MakerRule]),
  )
  const companySlugs = new Set(companies.map(({ slug }) => slug))
  const goodEvents = new Map(
    events.filter(({ file }) => !broken.has(file)).map((file) => [file.slug, file.content as EventRuleFile]),
  )
  const purposeWords = {
    file: purposes.file,
    words: Object.keys(purposes.content ?? {}),
    meanings: purposes.content,
  }
  const kindWords = { file: kinds.file, words: KINDS, meanings: kinds.content }
  const problems = [
    ...shape,
    ...[...companies, ...makers, ...events].flatMap(slugProblems),
    ...listProblems(kinds, KINDS),
    ...listProblems(readSingle(rulesFolder, 'labels.yaml'), LABELS),
    ...companyProblems(goodCompanies, companySlugs, purposeWords),
    ...makerProblems(goodMakers, companySlugs, kindWords),
    ...exampleProblems(goodMakers, goodCompanies),
    ...eventRuleProblems(goodEvents, {
      companies: companySlugs,
      vendors: [...goodMakers.values()].map(({ maker }) => maker),
      parents: new Map([...goodCompanies].map(([slug, { partOf }]) => [slug, partOf])),
      purposes: purposeWords,
      kinds: kindWords,
      labels: { file: 'rules/labels.yaml', words: LABELS, meanings: null },
      missingCompany: (slug) => missingCompany(slug, companySlugs),
    }),
  ]
  const contents = new Map([...companies, ...makers].map(({ file, content }) => [file, content]))
  return problems.map((problem) => ({ ...problem, field: namedField(problem.field, contents.get(problem.file)) }))
}

/** Entries are counted from 0, which nobody expects: the suffix, block or product is named as well. */
function namedField(field: string, content: unknown): string {
  const [, list, index] = /^(domains|ranges|devices)\[(\d+)\]/.exec(field) ?? []
  if (list === undefined) return field
  const entry = (content as Record<string, (Record<string, unknown> | null)[] | null> | null | undefined)?.[list]?.[
    Number(index)
  ]
  const name = entry?.['suffix'] ?? entry?.['cidr'] ?? entry?.['name']
  return typeof name === 'string' && name !== '' ? `${field} (${name.slice(0, 60)})` : field
}

function shapeOf({ file, content, error }: YamlFile, schema: Schema): Problem[] {
  if (error !== null) return [{ file, field: '', message: error }]
  return shapeProblems(content, schema).map((problem) => ({ file, ...problem }))
}

/** One schema for all files of a kind: it is compiled once. */
function shapesOf(files: readonly YamlFile[], schema: Schema): Problem[] {
  return files.flatMap((file) => shapeOf(file, schema))
}

function schemaOf(rulesFolder: string, name: string): Schema {
  return JSON.parse(readFileSync(join(rulesFolder, 'schema', `${name}.json`), 'utf8')) as Schema
}

function slugProblems({ file, slug }: YamlFile): Problem[] {
  const problems: Problem[] = []
  if (!SLUG.test(slug))
    problems.push({
      file,
      field: '',
      message: `rename the file: small letters, digits and single hyphens only, such as ${toSlug(slug)}.yaml`,
    })
  if (!file.endsWith('.yaml')) problems.push({ file, field: '', message: 'rename the file so that it ends in .yaml' })
  return problems
}

function listProblems({ file, content, error }: YamlFile, closed: readonly string[]): Problem[] {
  if (error !== null || typeof content !== 'object' || content === null) return []
  const given = Object.keys(content)
  return [
    ...closed
      .filter((word) => !given.includes(word))
      .map((word) => ({ file, field: word, message: 'is missing: add it with a title and words' })),
    ...given
      .filter((word) => !closed.includes(word))
      .map((word) => ({
        file,
        field: word,
        message: 'is not known to the program: the list is closed, in server/rules/types.ts',
      })),
  ]
}

function toSlug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'name'
  )
}
