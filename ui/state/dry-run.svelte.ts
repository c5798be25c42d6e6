// A dry run of alert settings: started, followed and cancelled.
import type { DryRun } from '../../server/api.ts'
import { ApiFailure, get, send } from './api.ts'

const LOOK_AGAIN_MS = 300

export class AlertDryRun {
  current = $state.raw<DryRun | null>(null)
  /** What was tried, to see whether it still is what stands in the form. */
  settings = $state('')
  #timer: ReturnType<typeof setTimeout> | null = null

  /** Throws an ApiFailure where the server refuses. */
  async begin(scope: string, alerts: Record<string, unknown>): Promise<void> {
    this.#wait(null)
    this.settings = JSON.stringify(alerts)
    this.current = await send<DryRun>('POST', '/api/dry-runs', { scope, alerts })
    this.#follow()
  }

  async cancel(): Promise<void> {
    const id = this.current?.id
    this.leave()
    if (id !== undefined) await this.#try(() => send('DELETE', `/api/dry-runs/${encodeURIComponent(id)}`))
  }

  /** Stops following the dry run, as its card is closed. */
  leave(): void {
    this.#wait(null)
    this.current = null
  }

  #follow(): void {
    if (this.current?.state === 'running') this.#wait(() => void this.#look())
  }

  async #look(): Promise<void> {
    const id = this.current?.id
    if (id === undefined) return
    const answer = await this.#try(() => get<DryRun>(`/api/dry-runs/${encodeURIComponent(id)}`))
    if (this.current?.id !== id) return
    this.current = answer
    this.#follow()
  }

  async #try<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ApiFailure) return null
      throw error
    }
  }

  #wait(next: (() => void) | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = next === null ? null : setTimeout(next, LOOK_AGAIN_MS)
  }
}
