// The templates of one stream: how long each is valid, and what makes room.
import { MAX_TEMPLATE_FIELDS, MAX_TEMPLATES } from './limits.ts'
import { isSameTemplate, type Template } from './template.ts'

/** Over UDP a template that is not sent again is void: three times its interval (RFC 7011 section 8.4) of 600 s. */
const LIFETIME = 1_800
const LIFETIME_INTERVALS = 3

interface Held {
  template: Template
  sentAt: number
  /** The longest time between two sendings. */
  interval: number
}

export class TemplateTable {
  /** By number; the one that was sent or used last is the last. */
  private readonly held = new Map<number, Held>()
  private fields = 0

  get size(): number {
    return this.held.size
  }

  /** A template was sent at `now`. */
  set(id: number, template: Template, now: number): void {
    const before = this.held.get(id)
    const isAgain = before !== undefined && isSameTemplate(before.template, template)
    const interval = isAgain ? Math.max(before.interval, now - before.sentAt) : 0
    this.remove(id)
    this.held.set(id, { template, sentAt: now, interval })
    this.fields += template.elements.length
    for (const oldest of this.held.keys()) {
      if (this.held.size <= MAX_TEMPLATES && (this.fields <= MAX_TEMPLATE_FIELDS || this.held.size === 1)) return
      this.remove(oldest)
    }
  }

  /** Null where there is none, or where it was not sent for too long. */
  get(id: number, now: number): Template | null {
    const held = this.held.get(id)
    if (held === undefined) return null
    if (now - held.sentAt > Math.max(LIFETIME, LIFETIME_INTERVALS * held.interval)) {
      this.remove(id)
      return null
    }
    this.held.delete(id)
    this.held.set(id, held)
    return held.template
  }

  remove(id: number): void {
    const held = this.held.get(id)
    if (held === undefined) return
    this.held.delete(id)
    this.fields -= held.template.elements.length
  }

  /** All templates of flows, or all of options (RFC 7011 section 8.1: a withdrawal of all). */
  removeAll(areOptions: boolean): void {
    for (const [id, { template }] of this.held) if (template.isOptions === areOptions) this.remove(id)
  }
}
