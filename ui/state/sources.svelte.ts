// The sources that can be chosen or added, and the switches of those that are named.
import type { InterfaceChoice, SettingsPage, SourceStatus } from '../../server/api.ts'
import { traffic } from './traffic.svelte.ts'
import { get, send } from './api.ts'
import { session } from './session.svelte.ts'

/** Interfaces offered at once; Settings takes any. */
const MOST_OFFERED = 4

/** A list of Settings › Sources that a person may add to, with the words that the server has for it. */
export interface Addable {
  field: string
  title: string
  example: string
  hint: string
}

/** Amber: it runs, and yet something should be done. */
export function toneOf({ state, problem }: SourceStatus): 'calm' | 'notice' | 'bad' | 'plain' {
  if (state === 'failed') return 'bad'
  if (state === 'off') return 'plain'
  if (problem !== null) return 'notice'
  return state === 'running' ? 'calm' : 'plain'
}

/** The interfaces that see most; offered to those who may change settings. */
export class SourceChoices {
  interfaces: InterfaceChoice[] = $state.raw([])
  addable: Addable[] = $state.raw([])
  problem: string | null = $state(null)
  isBusy = $state(false)

  async load(): Promise<void> {
    if (!session.mayChange) return
    await this.try(async () => {
      this.interfaces = (await get<InterfaceChoice[]>('/api/interfaces')).slice(0, MOST_OFFERED)
    })
  }

  async loadAddable(): Promise<void> {
    if (!session.mayChange) return
    await this.try(async () => {
      this.addable = addableOf((await get<SettingsPage>('/api/settings')).schema)
    })
  }

  /** Adds the interface to the sources of Settings. */
  listen(name: string): Promise<boolean> {
    return this.add('interfaces', name)
  }

  /** Adds a line to a list of Settings › Sources; false where the server refuses it, with the reason in `problem`. */
  add(list: string, line: string): Promise<boolean> {
    return this.change((sources) => ({ [list]: [...new Set([...textsOf(sources[list]), line.trim()])] }))
  }

  /** A source that is off stays named. */
  turn(id: string, on: boolean): Promise<boolean> {
    return this.change(({ off }) => ({ off: [...textsOf(off).filter((other) => other !== id), ...(on ? [] : [id])] }))
  }

  private change(next: (sources: Record<string, unknown>) => Record<string, string[]>): Promise<boolean> {
    return this.try(async () => {
      const { values } = await get<SettingsPage>('/api/settings')
      await send('PATCH', '/api/settings', { sources: next(values['sources'] ?? {}) })
      await traffic.reload()
    })
  }

  private async try(work: () => Promise<void>): Promise<boolean> {
    this.isBusy = true
    this.problem = null
    try {
      await work()
      return true
    } catch (error) {
      this.problem = (error as Error).message
      return false
    } finally {
      this.isBusy = false
    }
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** The lists of section `sources` in the settings' schema with an `x-add` that describes how a line is added. */
export function addableOf(schema: Record<string, unknown>): Addable[] {
  const lists = record(record(record(schema['properties'])['sources'])['properties'])
  return Object.entries(lists).flatMap(([field, rule]) => {
    const { title, example, hint } = record(record(rule)['x-add'])
    return title === undefined ? [] : [{ field, title: String(title), example: String(example), hint: String(hint) }]
  })
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
