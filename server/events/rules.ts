// Types of rules/events, as written and as compiled.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kind, Label } from '../rules/types.ts'
import type { EventKind } from './event.ts'

export interface Bounds {
  from?: number
  to?: number
}

/** Numbers of a burst that a rule may bound. */
export const MEASURES = ['sent', 'received', 'seconds', 'steady', 'peak', 'early', 'ratio', 'pace'] as const
export type Measure = (typeof MEASURES)[number]

/** All that is given must hold; of a list, one. */
export interface EventConditions extends Partial<Record<Measure, Bounds>> {
  device?: Kind[]
  /** Makers of the device as rules/devices name them: where the kind is unknown the maker may still be known. */
  vendor?: string[]
  /** Slugs; a company stands for all that are part of it. */
  company?: string[]
  purpose?: string[]
  label?: Label[]
  /** Host names, with everything below. */
  host?: string[]
  /** Whether the far end's name is known, rather than only its address. */
  named?: boolean
  /** Whether the device calls the far end at regular times when nothing happens, as over a connection kept open. */
  beats?: boolean
  /** An event of the same device that began at most so many seconds before. */
  after?: { kind: EventKind[]; within: number }
  /** An event of the same device with the same far end, earlier or later, that is clear without another one. */
  alongside?: EventKind[]
}

/** What a burst shows, as an example in a rule file. */
export interface EventExample {
  device?: Kind
  vendor?: string
  host?: string
  company?: string
  purpose?: string
  label?: Label[]
  sent?: number
  received?: number
  seconds?: number
  steady?: number
  peak?: number
  early?: number
  beats?: boolean
  /** What the same device did shortly before. */
  after?: EventKind
  /** What the same device does at other times with the same far end. */
  alongside?: EventKind
}

export interface EventRule {
  kind: EventKind
  confidence: number
  /** For the screen: why a burst like this is taken for it. */
  reason: string
  source: string
  when: EventConditions
  examples: EventExample[]
  /** Bursts that must not be taken for this kind. */
  never?: EventExample[]
}

/** `rules/events/<slug>.yaml` */
export interface EventRuleFile {
  title: string
  rules: EventRule[]
}

/** Shape of events.json. */
export interface CompiledEventRule {
  kind: EventKind
  confidence: number
  reason: string
  ruleFile: string
  /** Companies with all of their parts. */
  when: EventConditions
}

/** The rules of a build; none where the build has no events.json. */
export function openEventRules(folder: string): CompiledEventRule[] {
  const path = join(folder, 'events.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CompiledEventRule[]) : []
}

/** Rules of all files in the order of their names; `parents` is `partOf` by slug. */
export function compileEventRules(
  files: ReadonlyMap<string, EventRuleFile>,
  parents: ReadonlyMap<string, string | undefined>,
): CompiledEventRule[] {
  return [...files].flatMap(([slug, { rules }]) =>
    rules.map(({ kind, confidence, reason, when }) => ({
      kind,
      confidence,
      reason,
      ruleFile: `rules/events/${slug}.yaml`,
      when: when.company === undefined ? when : { ...when, company: withParts(when.company, parents) },
    })),
  )
}

function withParts(companies: readonly string[], parents: ReadonlyMap<string, string | undefined>): string[] {
  return [...parents.keys()].filter((slug) => {
    const seen = new Set<string>()
    for (let at: string | undefined = slug; at !== undefined && !seen.has(at); at = parents.get(at)) {
      if (companies.includes(at)) return true
      seen.add(at)
    }
    return false
  })
}
