// After a power cut a capture may be read again: what the alert memory holds already counts once.
import { expect, it } from 'vitest'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { Home, nameless } from '../../support/alert-home.ts'
import { START } from '../../support/detector-samples.ts'

const STRANGER = nameless(7)
const PARTS = 30
const BYTES = 1_000_000

function upload(home: Home, begin: number): void {
  for (let second = 0; second < PARTS; second++) home.send(begin + second, BYTES, 0, 0, STRANGER.number)
  home.engine.mark(begin + PARTS + 60)
}

function homeOf(memory: AlertMemory | null = null): Home {
  const home = new Home(DEFAULT_SETTINGS, memory)
  home.engine.addEndpoints([STRANGER])
  return home
}

it('holds an upload once that is read before and after a restart, and what comes later besides', () => {
  const before = homeOf()
  upload(before, START)
  expect(before.engine.alerts).toMatchObject([{ bytes: PARTS * BYTES, times: 1 }])
  const after = homeOf(JSON.parse(JSON.stringify(before.engine.toJSON())) as AlertMemory)
  upload(after, START)
  expect(after.engine.alerts).toMatchObject([{ bytes: PARTS * BYTES, times: 1 }])
  upload(after, START + 600)
  expect(after.engine.alerts).toMatchObject([{ bytes: 2 * PARTS * BYTES, times: 2 }])
})

it('is not blind to what comes hours before the time of a clock that was wrong', () => {
  const before = homeOf()
  upload(before, START + 86_400)
  const after = homeOf(JSON.parse(JSON.stringify(before.engine.toJSON())) as AlertMemory)
  upload(after, START)
  expect(after.reported.length).toBeGreaterThan(0)
})
