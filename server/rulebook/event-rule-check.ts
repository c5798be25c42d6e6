// Problems of the rules of events, as sentences that say what to change.
import { either, nearNames, unknownWord, type WordList } from '../rules/near-words.ts'
import { suffixProblem } from '../rules/suffix-table.ts'
import { KINDS, LABELS } from '../rules/types.ts'
import { EVENT_KINDS, SPOKEN_KINDS, type EventKind } from '../events/event.ts'
import { sceneOf } from '../events/example.ts'
import { judge } from '../events/judge.ts'
import {
  compileEventRules,
  MEASURES,
  type CompiledEventRule,
  type EventConditions,
  type EventExample,
  type EventRuleFile,
} from '../events/rules.ts'

export interface EventProblem {
  file: string
  field: string
  message: string
}

/** What the other rules define, for words that must be in them. */
export interface EventWords {
  companies: ReadonlySet<string>
  /** Makers of devices. */
  vendors: readonly string[]
  parents: ReadonlyMap<string, string | undefined>
  purposes: WordList
  kinds: WordList
  labels: WordList
  missingCompany: (slug: string) => string
}

const EVENT_WORDS: WordList = { file: 'the closed list of events', words: EVENT_KINDS, meanings: SPOKEN_KINDS }

/** Every problem of every file; the files have the shape of their schema already. */
export function eventRuleProblems(files: ReadonlyMap<string, EventRuleFile>, words: EventWords): EventProblem[] {
  const problems: EventProblem[] = []
  for (const [slug, { rules }] of files) {
    const file = `rules/events/${slug}.yaml`
    for (const [index, rule] of rules.entries()) {
      const say = (field: string, message: string): number =>
        problems.push({ file, field: `rules[${index}].${field}`, message })
      if (!(EVENT_KINDS as readonly string[]).includes(rule.kind)) say('kind', unknownWord(rule.kind, EVENT_WORDS))
      conditionProblems(rule.when, words, (field, message) => say(`when.${field}`, message))
      for (const list of ['examples', 'never'] as const) {
        for (const [at, example] of (rule[list] ?? []).entries())
          exampleWords(example, words, (field, message) => say(`${list}[${at}].${field}`, message))
      }
    }
  }
  // Examples are tried once the words are right: a wrong one would only be reported twice.
  return problems.length > 0 ? problems : exampleProblems(files, compileEventRules(files, words.parents))
}

type Say = (field: string, message: string) => void

function conditionProblems(when: EventConditions, words: EventWords, say: Say): void {
  for (const [at, kind] of (when.device ?? []).entries())
    if (!(KINDS as readonly string[]).includes(kind)) say(`device[${at}]`, unknownWord(kind, words.kinds))
  for (const [at, vendor] of (when.vendor ?? []).entries())
    if (!words.vendors.includes(vendor)) say(`vendor[${at}]`, missingVendor(vendor, words.vendors))
  for (const [at, slug] of (when.company ?? []).entries())
    if (!words.companies.has(slug)) say(`company[${at}]`, words.missingCompany(slug))
  for (const [at, purpose] of (when.purpose ?? []).entries())
    if (!words.purposes.words.includes(purpose)) say(`purpose[${at}]`, unknownWord(purpose, words.purposes))
  for (const [at, label] of (when.label ?? []).entries())
    if (!(LABELS as readonly string[]).includes(label)) say(`label[${at}]`, unknownWord(label, words.labels))
  for (const [at, host] of (when.host ?? []).entries()) {
    const problem = host.includes('*')
      ? 'a * has no meaning here: everything below the name is covered'
      : suffixProblem(host)
    if (problem !== null) say(`host[${at}]`, problem)
  }
  for (const measure of MEASURES) {
    const { from, to } = when[measure] ?? {}
    if (from !== undefined && to !== undefined && from > to)
      say(measure, `from ${from} to ${to} fits nothing: exchange the two`)
  }
  for (const [at, kind] of (when.after?.kind ?? []).entries()) {
    if (!(EVENT_KINDS as readonly string[]).includes(kind)) say(`after.kind[${at}]`, unknownWord(kind, EVENT_WORDS))
  }
  for (const [at, kind] of (when.alongside ?? []).entries()) {
    if (!(EVENT_KINDS as readonly string[]).includes(kind)) say(`alongside[${at}]`, unknownWord(kind, EVENT_WORDS))
  }
}

function missingVendor(vendor: string, vendors: readonly string[]): string {
  const near = nearNames(vendor, vendors)
  return `no file in rules/devices has the maker "${vendor}"${near.length === 0 ? ': add one' : `: did you mean ${either(near)}?`}`
}

function exampleWords(example: EventExample, words: EventWords, say: Say): void {
  if (example.device !== undefined && !(KINDS as readonly string[]).includes(example.device))
    say('device', unknownWord(example.device, words.kinds))
  if (example.company !== undefined && !words.companies.has(example.company))
    say('company', words.missingCompany(example.company))
  if (example.purpose !== undefined && !words.purposes.words.includes(example.purpose))
    say('purpose', unknownWord(example.purpose, words.purposes))
  for (const field of ['after', 'alongside'] as const) {
    const kind = example[field]
    if (kind !== undefined && !(EVENT_KINDS as readonly string[]).includes(kind))
      say(field, unknownWord(kind, EVENT_WORDS))
  }
}

/** Each example is matched against all rules: the surest must give its kind, and for `never` any other. */
function exampleProblems(
  files: ReadonlyMap<string, EventRuleFile>,
  compiled: readonly CompiledEventRule[],
): EventProblem[] {
  const problems: EventProblem[] = []
  for (const [slug, { rules }] of files) {
    const file = `rules/events/${slug}.yaml`
    for (const [index, rule] of rules.entries()) {
      for (const [at, example] of rule.examples.entries()) {
        const kind = verdict(example, compiled)
        if (kind === rule.kind) continue
        const message = `is taken for ${kind ?? 'nothing'}, not for ${rule.kind}: mend the example, or what the rule asks for${kind === null ? '' : ', or its confidence'}`
        problems.push({ file, field: `rules[${index}].examples[${at}]`, message })
      }
      for (const [at, example] of (rule.never ?? []).entries()) {
        if (verdict(example, compiled) === rule.kind)
          problems.push({
            file,
            field: `rules[${index}].never[${at}]`,
            message: `is taken for ${rule.kind} all the same: ask for more under when`,
          })
      }
    }
  }
  return problems
}

function verdict(example: EventExample, rules: readonly CompiledEventRule[]): EventKind | null {
  return judge(sceneOf(example), rules)?.kind ?? null
}
