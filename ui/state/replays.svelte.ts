// The recordings that are open, and their controls.
import type { Replay, ReplayControl } from '../../server/api.ts'
import { ApiFailure, get, send } from './api.ts'
import { live } from './live.svelte.ts'

export class Replays {
  list = $state.raw<Replay[] | null>(null)
  error = $state.raw<ApiFailure | null>(null)

  /** Starts to listen; the function returned stops it. */
  listen(): () => void {
    void this.load()
    return live.listen({
      replay: (replay) => this.put(replay),
      changed: (scope) => {
        if (scope === null) void this.load()
      },
    })
  }

  async load(): Promise<void> {
    await this.#try(async () => {
      this.list = await get<Replay[]>('/api/replays')
    })
  }

  /** What is older than what is known is left out. */
  put(replay: Replay): void {
    const known = this.list?.find((one) => one.id === replay.id)
    if (known !== undefined && known.revision > replay.revision) return
    const others = (this.list ?? []).filter((one) => one.id !== replay.id)
    const place = this.list?.findIndex((one) => one.id === replay.id) ?? -1
    this.list = place < 0 ? [replay, ...others] : others.toSpliced(place, 0, replay)
  }

  async control(id: string, control: ReplayControl): Promise<void> {
    await this.#try(async () =>
      this.put(await send<Replay>('POST', `/api/replays/${encodeURIComponent(id)}/control`, control)),
    )
  }

  /** True once the recording is closed and deleted. */
  async close(id: string): Promise<boolean> {
    return this.#try(async () => {
      await send('DELETE', `/api/replays/${encodeURIComponent(id)}`)
      this.list = (this.list ?? []).filter((one) => one.id !== id)
    })
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      this.error = null
      return true
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      this.error = error
      return false
    }
  }
}
