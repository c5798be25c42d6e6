// What ends by age in the service itself does so by time, and not by a clock that is wrong.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { emptyAccess } from '../../../server/access/access-state.ts'
import { LoginSessions } from '../../../server/access/login-sessions.ts'
import { type KeptClock, readKeptClock, SteadyClock } from '../../../server/app/steady-clock.ts'
import { isSynchronised } from '../../../server/store/machine-clock.ts'
import type { Stored } from '../../../server/store/stored.ts'
import { memoryFile } from '../../support/memory-file.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z') / 1_000
const HOUR = 3_600
const DAY = 86_400
const YEAR = 365 * DAY

/** Time, a clock that is off by so much, and what the service has of them. */
class Machine {
  real = NOW
  offset = 0
  readonly file = { ...memoryFile<KeptClock>({ clock: null }), purge: async () => 0 } as Stored<KeptClock>
  steady = this.start()

  start(): SteadyClock {
    this.file.data = readKeptClock(JSON.parse(JSON.stringify(this.file.data)))
    return (this.steady = new SteadyClock(
      this.file,
      () => this.real + this.offset,
      () => this.real,
    ))
  }

  pass(seconds: number, offset = this.offset): number {
    this.real += seconds
    this.offset = offset
    return this.steady.now() - this.real
  }
}

describe('the steady clock', () => {
  test('goes on as time does while the machine’s is wrong, over a restart too', async () => {
    const machine = new Machine()
    for (const offset of [3 * YEAR, -YEAR, 10 - NOW, 0]) {
      expect(machine.pass(HOUR, offset)).toBeCloseTo(0)
      expect(machine.pass(HOUR, offset)).toBeCloseTo(0)
      await machine.steady.keep()
      machine.start()
      expect(machine.pass(HOUR)).toBeCloseTo(0)
    }
  })

  test('follows steps of hours, and what the owner says', () => {
    const machine = new Machine()
    expect(machine.pass(HOUR, 2 * HOUR)).toBe(2 * HOUR)
    expect(machine.pass(HOUR, 3 * YEAR)).toBeCloseTo(0)
    machine.steady.believe()
    expect(machine.pass(HOUR)).toBe(3 * YEAR)
  })

  test.each([null, 'clock', {}, { clock: [] }, { clock: { at: 'x', ran: 1, ranAhead: 0 } }])(
    'begins anew where %j was kept',
    (stored) => expect(readKeptClock(stored)).toEqual({ clock: null }),
  )
})

test('a clock 3 years ahead ends no log-in session, and time does', () => {
  const machine = new Machine()
  const sessions = new LoginSessions({
    state: memoryFile(emptyAccess()),
    now: () => machine.steady.now(),
    sessionDays: () => 30,
  })
  const { id } = sessions.open('admin', '192.168.1.2')
  for (const [seconds, offset] of [
    [HOUR, 3 * YEAR],
    [2 * DAY, 3 * YEAR],
    [HOUR, -YEAR],
    [HOUR, 0],
  ]) {
    machine.pass(seconds, offset)
    expect(sessions.find(id)).not.toBe(null)
    sessions.open('viewer', '192.168.1.3')
  }
  for (let day = 0; day < 31; day++) machine.pass(DAY)
  expect(sessions.find(id)).toBe(null)
})

describe('the system’s word that its clock is kept right', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-clock-'))
  const file = join(folder, 'synchronized')
  writeFileSync(file, '')
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const nobody = async (): Promise<string> => Promise.reject(new Error('no such command'))
  const said = (synchronised: string, at: number) => async () =>
    `NTPSynchronized=${synchronised}\nTimeUSec=Wed ${new Date(at * 1_000).toISOString().slice(0, 19).replace('T', ' ')} UTC\n`

  test.each([
    ['a server told it a while ago', NOW - HOUR, NOW - 2 * HOUR, true],
    ['a server told it before the clock was set', NOW - HOUR, NOW - 60, false],
    ['nobody told it for hours', NOW - 3 * HOUR, NOW - DAY, false],
    ['it was told in a time to come', NOW + HOUR, NOW - DAY, false],
  ])('by its time service: %s', async (_, told, since, expected) => {
    utimesSync(file, told, told)
    expect(await isSynchronised(NOW, since, { file, timedatectl: nobody })).toBe(expected)
  })

  test.each([
    ['yes, and this clock is meant', 'yes', NOW + 1, true],
    ['no', 'no', NOW, false],
    ['yes, and another clock is meant', 'yes', NOW + 3 * YEAR, false],
  ])('by timedatectl: %s', async (_, synchronised, at, expected) => {
    const sources = { file: join(folder, 'none'), timedatectl: said(synchronised, at) }
    expect(await isSynchronised(NOW, NOW - HOUR, sources)).toBe(expected)
  })

  test('is none where nobody knows', async () => {
    expect(await isSynchronised(NOW, NOW, { file: join(folder, 'none'), timedatectl: nobody })).toBe(false)
    expect(await isSynchronised(NOW, NOW, { file: join(folder, 'none'), timedatectl: async () => 'what?' })).toBe(false)
  })
})
