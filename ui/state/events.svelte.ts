// The events of the range shown, of one device or all.
import type { EventRow } from '../../server/api.ts'
import { trafficPath } from './api.ts'
import { Asked, traffic } from './traffic.svelte.ts'
import { live } from './live.svelte.ts'
import { router } from './router.svelte.ts'

/** Messages about events come in bursts: the list is loaded again this much later. */
const RELOAD_DELAY_MS = 2_000

export class Events {
  asked = new Asked<EventRow[]>()
  /** Without heartbeats, which never end. */
  shown = $derived((this.asked.value ?? []).filter(({ kind }) => kind !== 'heartbeat'))
  #device: string | undefined
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(device: string | undefined) {
    this.#device = device
  }

  load(): void {
    if (traffic.status.value === null) return
    void this.asked.ask(trafficPath(router.scope, 'events'), {
      from: traffic.span.from,
      to: traffic.span.to,
      ...(this.#device === undefined ? {} : { device: this.#device }),
    })
  }

  /** Starts to listen; the function returned stops it. */
  listen(): () => void {
    const stop = live.listen({
      events: (scope) => {
        if (scope !== router.scope || live.paused) return
        this.#timer ??= setTimeout(() => {
          this.#timer = null
          this.load()
        }, RELOAD_DELAY_MS)
      },
    })
    return () => {
      stop()
      if (this.#timer !== null) clearTimeout(this.#timer)
    }
  }
}
