// A home that only has a DNS log, read from a real file on a clock that the test sets: what it is told, live and over a
// restart, and what it is not.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DnsLogSource } from '../../../capture/sources/dns-log.ts'
import { readAlertMemory } from '../../../server/alerts/memory.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'
import { type Asked, burst, CLIENT, LINES, routine } from '../../support/log-home.ts'
import { LogLab } from '../../support/log-lab.ts'

const rules = openRules(compiledRulesFolder())
const STEP = 60

/** A service over the log: reads what was appended, a minute at a time. */
class Service {
  readonly lab: LogLab
  readonly source: DnsLogSource
  private now: number

  constructor(path: string, now: number, before: Service | null = null) {
    this.now = now
    services.push(this)
    this.lab = new LogLab(rules, before === null ? null : readAlertMemory(before.lab.keptMemory()))
    this.source = new DnsLogSource(path, {
      from: 'start',
      position: before?.source.position() ?? null,
      onRecord: (record) => this.lab.record(record, this.now),
    })
  }

  async read(until: number): Promise<void> {
    this.now = until
    await this.source.look()
    this.lab.flush(until)
  }
}

let folder = ''
let path = ''
const services: Service[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-log-home-'))
  path = join(folder, 'unbound.log')
  writeFileSync(path, '')
})
afterEach(async () => {
  for (const { source } of services.splice(0)) await source.stop()
  rmSync(folder, { recursive: true, force: true })
})

function write(asked: Asked[]): void {
  const lines = asked.sort((one, other) => one.second - other.second).map((one) => `${LINES['unbound']?.(one)}\n`)
  appendFileSync(path, lines.join(''))
}

/** The home lives on: its lines appear minute by minute. */
async function live(service: Service, asked: Asked[], from: number, until: number): Promise<void> {
  const left = asked.sort((one, other) => one.second - other.second)
  let at = 0
  for (let now = from + STEP; now <= until; now += STEP) {
    const end = left.findIndex(({ second }, index) => index >= at && second >= now)
    const upTo = end < 0 ? left.length : end
    if (upTo > at) {
      write(left.slice(at, upTo))
      await service.read(now)
    } else service.lab.flush(now)
    at = upTo
  }
}

describe('a home with nothing but a log', () => {
  const learned = START + 9 * DAY
  const open = async (): Promise<Service> => {
    write(routine(START, learned))
    const service = new Service(path, learned)
    await service.read(learned)
    expect(service.lab.told()).toEqual([])
    return service
  }

  test('is told within minutes what a device asks for that it never did', async () => {
    const service = await open()
    await live(
      service,
      [
        ...routine(learned, learned + HOUR),
        ...burst(CLIENT.camera, 'a.dualstack.eufylife.com', learned + 600, 3),
        ...burst(CLIENT.camera, 'app-measurement.com', learned + 900, 3),
        ...burst(CLIENT.bulb, 'dns.quad9.net', learned + 1_200, 1),
        ...burst(CLIENT.plug, 'c2.nobody-knows-it.net', learned + 1_500, 3),
        ...burst('192.168.7.99', 'www.wikipedia.org', learned + 1_800, 1),
      ],
      learned,
      learned + HOUR,
    )
    expect(service.lab.told()).toEqual([
      `new-company ${CLIENT.camera} eufy`,
      `new-tracker ${CLIENT.camera} google-analytics`,
      `around-your-dns ${CLIENT.bulb} quad9`,
      `new-company ${CLIENT.plug}`,
      'new-device 192.168.7.99',
    ])
    expect(service.lab.messages()[3]).toContain('names under nobody-knows-it.net')
    for (const alert of service.lab.alerts.values())
      if (alert.kind !== 'new-device') expect([alert.unit, alert.bytes]).toEqual(['lookups', 0])
  })

  test('is told that a device is busy at three in the night', async () => {
    const service = await open()
    const night = learned + 3 * HOUR
    await live(
      service,
      [...routine(learned, learned + 4 * HOUR), ...burst(CLIENT.bulb, 'cloud.lifx.com', night + 60, 40, 45)],
      learned,
      learned + 4 * HOUR,
    )
    expect(service.lab.told()).toEqual([`quiet-lookups ${CLIENT.bulb}`])
    const [alert] = service.lab.alerts.values()
    expect(alert).toMatchObject({ unit: 'lookups', from: night })
    expect(alert?.seen).toBeGreaterThanOrEqual(40)
  })

  test('is told that a device asks no more, also where the service was restarted meanwhile', async () => {
    const before = await open()
    const stopped = learned + 2 * HOUR
    await live(before, routine(learned, stopped, CLIENT.camera), learned, stopped)
    expect(before.lab.told()).toEqual([])
    // Nobody reads for an hour, then the lines of that hour come at once.
    const again = stopped + HOUR
    write(routine(stopped, again, CLIENT.camera))
    const after = new Service(path, again, before)
    await after.read(again)
    await live(after, routine(again, again + 8 * HOUR, CLIENT.camera), again, again + 8 * HOUR)
    expect(after.lab.told()).toEqual([`silent ${CLIENT.camera}`])
    expect(after.lab.messages()[0]).toContain('Whether it is off or asks another resolver cannot be seen')
    const [alert] = after.lab.alerts.values()
    expect(alert?.from).toBeLessThan(learned)
  }, 30_000)

  test('is told of nobody when the log itself holds nothing for a night', async () => {
    const service = await open()
    const back = learned + 10 * HOUR
    await live(service, [], learned, back)
    // One device asks first, the others by and by.
    await live(service, [...burst(CLIENT.phone, 'www.bbc.co.uk', back, 20)], back, back + 1_200)
    await live(service, routine(back + 1_200, back + 8 * HOUR), back + 1_200, back + 8 * HOUR)
    expect(service.lab.told()).toEqual([])
  }, 30_000)
})
