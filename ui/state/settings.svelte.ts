// The settings as saved, as typed, and what the server refused.
import type { SettingsPage } from '../../server/api.ts'
import { ApiFailure, get, send } from './api.ts'
import { fieldNamed, keyOf, sectionsOf, typed, valueOf, type Field, type Section } from './settings-form.ts'

export class SettingsForm {
  page = $state.raw<SettingsPage | null>(null)
  error = $state.raw<ApiFailure | null>(null)
  busy = $state(false)
  /** What was typed and not saved, by `section.field`. */
  typed = $state<Record<string, string | boolean>>({})
  problems = $state<Record<string, string>>({})
  sections = $derived<Section[]>(this.page === null ? [] : sectionsOf(this.page.schema))

  async load(): Promise<void> {
    try {
      this.page = await get<SettingsPage>('/api/settings')
      this.error = null
    } catch (error) {
      this.#failed(error)
    }
  }

  shown(field: Field): string | boolean {
    return this.typed[keyOf(field)] ?? typed(this.page?.values[field.section]?.[field.name])
  }

  type(field: Field, value: string | boolean): void {
    this.typed[keyOf(field)] = value
    delete this.problems[keyOf(field)]
  }

  changed(section: Section): boolean {
    return section.fields.some((field) => {
      const now = this.typed[keyOf(field)]
      return now !== undefined && now !== typed(this.page?.values[field.section]?.[field.name])
    })
  }

  /** Sends what was changed in a section. True once it is saved; else the problems stand at their fields. */
  async save(section: Section): Promise<boolean> {
    const values = this.edited(section)
    return values === null ? false : this.#send(section, values)
  }

  /** What was typed in a section and not saved; null where something is wrong, which then stands at its field. */
  edited(section: Section): Record<string, unknown> | null {
    const values: Record<string, unknown> = {}
    for (const field of section.fields) {
      const key = keyOf(field)
      const now = this.typed[key]
      if (now === undefined) continue
      const read = valueOf(field, now)
      if ('problem' in read) this.problems[key] = read.problem
      else values[field.name] = read.value
    }
    return section.fields.some((field) => this.problems[keyOf(field)] !== undefined) ? null : values
  }

  /** What the server refused stands at its field, or above all. */
  refused(section: Section, error: ApiFailure): void {
    const named = fieldNamed(error.message)
    const field = section.fields.find((field) => keyOf(field) === named?.key)
    if (field !== undefined && named !== null) this.problems[keyOf(field)] = named.words
    else this.error = error
  }

  async #send(section: Section, values: Record<string, unknown>): Promise<boolean> {
    this.busy = true
    try {
      this.page = await send<SettingsPage>('PATCH', '/api/settings', { [section.name]: values })
      for (const field of section.fields) delete this.typed[keyOf(field)]
      this.error = null
      return true
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      this.refused(section, error)
      return false
    } finally {
      this.busy = false
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof ApiFailure)) throw error
    this.error = error
  }
}
