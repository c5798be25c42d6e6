// A clock that stands until a test moves it, and then waits for the answers of real sockets.
import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { Clock } from '../../../server/notify/queue.ts'

/** A Monday at noon, UTC. */
export const MONDAY_NOON = Date.UTC(2026, 5, 1, 12)

/** Requests of this process that have no answer yet. */
let unanswered = 0
subscribe('http.client.request.start', (message) => {
  unanswered += 1
  ;(message as { request: ClientRequest }).request.once('close', () => (unanswered -= 1))
})

/** Stands until it is moved. */
export class StandingClock implements Clock {
  time = MONDAY_NOON
  calls: { at: number; call: () => void }[] = []

  now(): number {
    return this.time
  }

  after(milliseconds: number, call: () => void): () => void {
    const entry = { at: this.time + milliseconds, call }
    this.calls.push(entry)
    return () => (this.calls = this.calls.filter((one) => one !== entry))
  }

  /** Moves on, and calls what is due until nothing is; what is called asks real sockets, so answers are waited for. */
  async moveTo(time: number): Promise<void> {
    this.time = Math.max(this.time, time)
    for (let idle = 0; idle < 5; idle++) {
      const due = this.calls.filter(({ at }) => at <= this.time)
      this.calls = this.calls.filter((one) => !due.includes(one))
      for (const { call } of due) call()
      if (due.length > 0 || unanswered > 0) idle = 0
      await new Promise((done) => setTimeout(done, 10))
    }
  }
}
