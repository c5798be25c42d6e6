// The supervisor of the live session by a clock of the test: a single fault is mended at once, a thread that dies again
// and again is started less and less often, and never given up.
import { describe, expect, test } from 'vitest'
import { LiveSupervisor } from '../../../server/app/live-supervisor.ts'
import { createLog } from '../../../server/log.ts'
import { ThreadEndedError, ThreadLateError } from '../../../server/session/session.ts'

/** `dies`: whether the next thread cannot be started. */
function watched() {
  let now = 1_800_000_000_000
  let waiting: { at: number; call: () => void } | null = null
  const lines: string[] = []
  const starts: number[] = []
  const state = { failsToStart: false }
  const supervisor = new LiveSupervisor({
    clock: {
      now: () => now,
      after: (milliseconds, call) => {
        waiting = { at: now + milliseconds, call }
        return () => (waiting = null)
      },
    },
    log: createLog('json', (line) => lines.push(line)),
    timeZone: () => 'UTC',
    restart: async () => {
      starts.push(now)
      if (state.failsToStart) throw new Error('no memory for a thread')
    },
  })
  /** Lets time pass; a start that is due happens on the way. */
  const pass = async (milliseconds: number): Promise<void> => {
    const end = now + milliseconds
    while (waiting !== null && waiting.at <= end) {
      const { at, call } = waiting
      waiting = null
      now = at
      call()
      await new Promise((resolve) => setImmediate(resolve))
    }
    now = end
  }
  return { supervisor, pass, starts, lines, state, now: () => now }
}

describe('the supervisor', () => {
  test('starts the thread again within five seconds after each of 1,000 single faults', async () => {
    const { supervisor, pass, starts, now, lines } = watched()
    for (let fault = 0; fault < 1_000; fault++) {
      await pass(10_000 + fault)
      const lostAt = now()
      supervisor.lost(new Error(`fault ${fault}`))
      expect(supervisor.isDownNow).toBe(true)
      await pass(5_000)
      expect(supervisor.isDownNow).toBe(false)
      expect(starts).toHaveLength(fault + 1)
      expect((starts.at(-1) ?? 0) - lostAt).toBeLessThanOrEqual(5_000)
    }
    expect(lines.filter((line) => line.includes('"err"'))).toHaveLength(1_000)
  })

  test('waits longer for a thread that dies at once, half a minute at most, and never gives it up', async () => {
    const { supervisor, pass, starts } = watched()
    await pass(60_000)
    for (let fault = 0; fault < 100; fault++) {
      supervisor.lost(new Error('again'))
      await pass(30_000)
      // It dies the moment it was started.
      expect(starts).toHaveLength(fault + 1)
    }
  })

  test('tries again where a thread cannot be started, and says so until it can', async () => {
    const { supervisor, pass, starts, state } = watched()
    state.failsToStart = true
    supervisor.lost(new ThreadLateError(10_000))
    await pass(60_000)
    expect(starts.length).toBeGreaterThan(5)
    expect(supervisor.problem).toMatch(/because of an error in the program \(no memory for a thread\)\. It is started/)
    state.failsToStart = false
    await pass(30_000)
    expect(supervisor.problem).toMatch(/It was started again at \d\d:\d\d:\d\d; what passed between is a gap\.$/)
    await pass(3_600_000)
    expect(supervisor.problem).toBeNull()
  })

  test('counts faults in quick succession as one', async () => {
    const { supervisor, pass, starts } = watched()
    supervisor.lost(new ThreadEndedError())
    supervisor.lost(new Error('the history as well'))
    await pass(5_000)
    expect(starts).toHaveLength(1)
  })

  test('shows what stopped the engine without what the network may have written into it', async () => {
    const { supervisor, pass } = watched()
    supervisor.lost(new Error(`a\u001b[31m\n${'b'.repeat(1_000)}`))
    await pass(0)
    expect(supervisor.problem).not.toMatch(/[\p{Cc}]/u)
    expect(supervisor.problem?.length).toBeLessThan(300)
    supervisor.stop()
    supervisor.lost(new Error('after the end'))
    expect(supervisor.isDownNow).toBe(false)
  })
})
