// The message about what was just done, and how it is undone.
import type { Undo } from '../../server/api.ts'
import { t } from '../text/text.ts'
import { ApiFailure, send } from './api.ts'
import { traffic } from './traffic.svelte.ts'

const SHOWN_MS = 10_000

export interface Message {
  words: string
  tone: 'done' | 'failed'
  undo: string | null
  /** Address of the details. */
  href: string | null
}

class Toast {
  message = $state.raw<Message | null>(null)
  #timer: ReturnType<typeof setTimeout> | null = null

  say(words: string, tone: Message['tone'] = 'done', undo: string | null = null, href: string | null = null): void {
    this.#show({ words, tone, undo, href })
  }

  /** Tells of an alert. What can be undone, or failed, stays in view: the badge tells of the alert all the same. */
  tell(words: string, href: string): void {
    const { message } = this
    if (message !== null && (message.undo !== null || message.tone === 'failed')) return
    this.#show({ words, tone: 'done', undo: null, href })
  }

  #show(message: Message): void {
    this.message = message
    this.hold()
    this.#timer = setTimeout(() => this.close(), SHOWN_MS)
  }

  /** Stays while somebody points at it or is in it. */
  hold(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  letGo(): void {
    this.hold()
    this.#timer = setTimeout(() => this.close(), SHOWN_MS)
  }

  close(): void {
    this.hold()
    this.message = null
  }

  async takeBack(): Promise<void> {
    const undo = this.message?.undo ?? null
    if (undo === null) return
    const taken = await this.attempt(() => send('POST', `/api/undo/${encodeURIComponent(undo)}`))
    if (taken !== null) this.say(t.common.undone)
    traffic.reloadSoon()
  }

  /** Does a change; shows what was done with an Undo, or why it failed. */
  async change(words: string, change: () => Promise<Undo>): Promise<boolean> {
    const done = await this.attempt(change)
    if (done === null) return false
    this.say(words, 'done', done.answer.undo)
    traffic.reloadSoon()
    return true
  }

  /** The response in a box; null where the server refused, which is shown. */
  async attempt<T>(change: () => Promise<T>): Promise<{ answer: T } | null> {
    try {
      return { answer: await change() }
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      this.say(error.code === 'unreachable' ? t.error.unreachable : error.message, 'failed')
      return null
    }
  }
}

export const toast = new Toast()
