// What logs say, to the figure: look-ups and bytes by device and level, corrections, spread flows and their caps.
import { describe, expect, test } from 'vitest'
import type { LogConnection, LogRecord } from '../../../capture/logs/record.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { AT_HOME, CELL_LENGTH, LOOKUP_LENGTH, type Batch, type Endpoint } from '../../../server/model/batch.ts'
import type { Policy } from '../../../server/model/policy.ts'
import { TrafficAccounting } from '../../../server/session/accounting.ts'
import { hashOfId } from '../../../server/session/excluded-devices.ts'
import { CAMERA, PHONE, SERVER } from '../engine/lab.ts'

const rules = openRules(compiledRulesFolder())
const POLICY: Policy = { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }
const NOW = 2_000_000_000
const HOST = 'api.amazonalexa.com'

const query = (time: number | null, name = HOST, client = CAMERA.address): LogRecord => ({
  kind: 'query',
  client,
  name,
  type: 1,
  time,
})
const lease = (mac: string, address: string): LogRecord => ({ kind: 'lease', time: null, mac, address, name: null })
const connection = (facts: Partial<LogConnection> = {}): LogConnection => ({
  kind: 'connection',
  time: 6_000,
  uid: 'C1',
  client: CAMERA.address,
  clientPort: 40_000,
  server: SERVER,
  serverPort: 443,
  protocol: 6,
  seconds: 0,
  bytesUp: 100,
  bytesDown: 2_000,
  packetsUp: 1,
  packetsDown: 2,
  clientMac: null,
  serverMac: null,
  ...facts,
})

class Home {
  readonly accounting: TrafficAccounting
  readonly ids = new Map<number, string>()
  readonly endpoints = new Map<number, Endpoint>()

  constructor(policy: Partial<Policy> = {}) {
    this.accounting = new TrafficAccounting(rules, null, { ...POLICY, ...policy })
  }

  log(...records: LogRecord[]): this {
    for (const record of records) this.accounting.addLog(record, NOW, true)
    return this
  }

  take(): Batch {
    const batch = this.accounting.drain()
    for (const { index, id } of batch.devices) this.ids.set(index, id)
    for (const endpoint of batch.endpoints) this.endpoints.set(endpoint.number, endpoint)
    return batch
  }

  private words(device: number, endpoint: number): [string | undefined, string | null] {
    const facts = this.endpoints.get(endpoint)
    return [
      this.ids.get(device),
      endpoint === AT_HOME ? 'home' : (facts?.host ?? facts?.company ?? facts?.address ?? null),
    ]
  }

  /** Minute, device, host and count of each cell. */
  lookups(): unknown[] {
    const { lookups = new Float64Array() } = this.take()
    return Array.from({ length: lookups.length / LOOKUP_LENGTH }, (_, place) => {
      const [minute, device, endpoint, count] = lookups.subarray(place * LOOKUP_LENGTH, (place + 1) * LOOKUP_LENGTH)
      return [minute, ...this.words(device, endpoint), count]
    })
  }

  /** Second, device, host, sent and received of each cell. */
  cells(): unknown[] {
    const { cells } = this.take()
    return Array.from({ length: cells.length / CELL_LENGTH }, (_, place) => {
      const [second, device, endpoint, sent, received] = cells.subarray(place * CELL_LENGTH, (place + 1) * CELL_LENGTH)
      return [second, ...this.words(device, endpoint), sent, received]
    })
  }
}
const camera = CAMERA.address

describe('look-ups', () => {
  test('are counted by minute, and each once', () => {
    const home = new Home().log(query(6_000), query(6_059), query(6_060), query(6_000, 'other.example'))
    expect(home.lookups()).toEqual([
      [6_000, camera, HOST, 2],
      [6_060, camera, HOST, 1],
      [6_000, camera, 'other.example', 1],
    ])
    expect(home.lookups()).toEqual([])
    home.log(query(6_030))
    expect(home.lookups()).toEqual([[6_000, camera, HOST, 1]])
  })

  test('without a time, or with one to come, are of now, and before 1970 of its first minute', () => {
    expect(new Home().log(query(null)).lookups()).toEqual([[1_999_999_980, camera, HOST, 1]])
    expect(new Home().log(query(NOW + 1)).lookups()).toEqual([[1_999_999_980, camera, HOST, 1]])
    expect(new Home().log(query(NOW)).lookups()).toEqual([[1_999_999_980, camera, HOST, 1]])
    expect(new Home().log(query(NaN)).lookups()).toEqual([[1_999_999_980, camera, HOST, 1]])
    expect(new Home().log(query(-5)).lookups()).toEqual([[0, camera, HOST, 1]])
  })

  test('follow their address to the device that the router names, in minus and plus', () => {
    const home = new Home().log(query(6_000), query(6_000), query(6_060))
    home.take()
    home.log(lease(CAMERA.mac, camera))
    expect(home.lookups()).toEqual([
      [6_000, camera, HOST, -2],
      [6_060, camera, HOST, -1],
      [6_000, CAMERA.mac, HOST, 2],
      [6_060, CAMERA.mac, HOST, 1],
    ])
    home.log(query(6_000))
    expect(home.lookups()).toEqual([[6_000, CAMERA.mac, HOST, 1]])
  })

  test('are kept as far as the level of their device goes', () => {
    const at = (level: Policy['newDeviceLevel']): unknown[] =>
      new Home({ levels: { [CAMERA.mac]: level } }).log(lease(CAMERA.mac, camera), query(6_000)).lookups()
    expect(at('everything')).toEqual([[6_000, CAMERA.mac, HOST, 1]])
    expect(at('companies')).toEqual([[6_000, CAMERA.mac, 'alexa', 1]])
    expect(at('totals')).toEqual([[6_000, CAMERA.mac, '*kept-back', 1]])
    expect(at('paused')).toEqual([])
    const ignored = { salt: 's', hashes: [hashOfId('s', CAMERA.mac)] }
    expect(new Home({ ignored }).log(lease(CAMERA.mac, camera), query(6_000)).lookups()).toEqual([])
  })

  test('that were accounted stay where a new level finds them, and what comes is of the new one', () => {
    const home = new Home().log(query(6_000))
    home.take()
    home.accounting.setPolicy({ ...POLICY, newDeviceLevel: 'totals' })
    expect(home.lookups()).toEqual([])
    home.log(query(6_000))
    expect(home.lookups()).toEqual([[6_000, camera, '*kept-back', 1]])
    // What was accounted before follows nobody any more.
    home.log(lease(CAMERA.mac, camera))
    expect(home.lookups()).toEqual([
      [6_000, camera, '*kept-back', -1],
      [6_000, CAMERA.mac, '*kept-back', 1],
    ])
  })

  test('of a forgotten device are accounted no more, and those of others are', () => {
    const home = new Home().log(query(6_000), query(6_000, HOST, PHONE.address))
    home.take()
    home.log(query(6_000), query(6_000, HOST, PHONE.address))
    home.log(connection(), connection({ client: PHONE.address }))
    home.accounting.forgetLogs([camera])
    expect(home.lookups()).toEqual([[6_000, PHONE.address, HOST, 1]])
    home.log(lease(CAMERA.mac, camera))
    expect(home.lookups()).toEqual([])
  })

  test('name no peer of the device where a level keeps the host back', () => {
    const described = (level: Policy['newDeviceLevel']): string =>
      JSON.stringify(
        (() => {
          const home = new Home({ newDeviceLevel: level }).log(query(6_000, 'echo.device.example'))
          home.take()
          return home.accounting.drainDevices(10)
        })(),
      )
    expect(described('companies')).not.toContain('device.example')
    expect(described('totals')).not.toContain('device.example')
  })

  test('show a device from the first minute to the last', () => {
    const home = new Home().log(query(6_119), query(6_000), query(6_240))
    home.take()
    expect(home.accounting.drainDevices(10)).toMatchObject([{ id: camera, firstSeen: 6_000, lastSeen: 6_240 }])
    expect(home.accounting.drainDevices(10)).toEqual([])
  })
})

describe('flows', () => {
  test('are accounted both ways, for the end that is at home', () => {
    const home = new Home().log(connection(), connection({ client: SERVER, server: camera }))
    expect(home.cells()).toEqual([
      [6_000, camera, SERVER, 100, 2_000],
      [6_000, camera, SERVER, 2_000, 100],
    ])
  })

  test('within the home are of both ends, each as it sees them', () => {
    const home = new Home().log(connection({ server: PHONE.address }))
    expect(home.cells()).toEqual([
      [6_000, camera, 'home', 100, 2_000],
      [6_000, PHONE.address, 'home', 2_000, 100],
    ])
  })

  test('to a group of addresses stay at home', () => {
    expect(new Home().log(connection({ server: '224.0.0.251' })).cells()).toEqual([[6_000, camera, 'home', 100, 2_000]])
  })

  test('between two others are nobody', () => {
    expect(new Home().log(connection({ client: SERVER, server: '198.51.100.7' })).cells()).toEqual([])
  })

  test('are not accounted where packets tell the bytes', () => {
    const home = new Home()
    home.accounting.addLog(connection(), NOW, false)
    expect(home.cells()).toEqual([])
  })

  test('are spread over the minutes they took, to the byte', () => {
    const spread = (seconds: number): unknown[] =>
      new Home()
        .log(connection({ seconds, bytesUp: 10, bytesDown: 7 }))
        .cells()
        .map((cell) => (cell as unknown[]).filter((_, place) => place !== 1 && place !== 2))
    expect(spread(60)).toEqual([[6_000, 10, 7]])
    expect(spread(61)).toEqual([
      [6_000, 5, 3],
      [6_030, 5, 4],
    ])
    expect(spread(180)).toEqual([
      [6_000, 3, 2],
      [6_060, 3, 2],
      [6_120, 4, 3],
    ])
  })

  test('are spread over a hundred and twenty pieces at most, without a byte lost', () => {
    const cells = new Home()
      .log(connection({ seconds: 20_000, bytesUp: 12_001, bytesDown: 5_000 }))
      .cells() as number[][]
    expect(cells).toHaveLength(120)
    expect(cells.reduce((sum, cell) => sum + (cell[3] ?? 0), 0)).toBe(12_001)
    expect(cells.reduce((sum, cell) => sum + (cell[4] ?? 0), 0)).toBe(5_000)
    expect([cells[0]?.[0], cells[1]?.[0], cells[119]?.[0]]).toEqual([6_000, 6_166, 25_833])
  })

  test('wait for the next batch, a hundred thousand of them', () => {
    const home = new Home()
    for (let flow = 0; flow < 100_001; flow++) home.log(connection())
    expect(home.cells()).toHaveLength(100_000)
    home.log(connection())
    expect(home.cells()).toHaveLength(1)
  })

  test('have the name of their own hello, else of an answer, else none', () => {
    const home = new Home().log(
      {
        kind: 'answer',
        client: camera,
        name: 'asked.example',
        type: 1,
        time: 5_000,
        status: 'answered',
        addresses: [SERVER],
        aliases: [],
      },
      { kind: 'server-name', time: 5_000, uid: 'C1', client: camera, server: SERVER, serverPort: 443, name: HOST },
      connection(),
      connection({ uid: 'C2' }),
      connection({ uid: 'C1' }),
      connection({ uid: 'C3', server: '198.51.100.7' }),
    )
    const cells = home.cells() as unknown[][]
    expect(cells.map(([, , host]) => host)).toEqual([HOST, 'asked.example', 'asked.example', '198.51.100.7'])
    const named = [...home.endpoints.values()].map(({ host, address, namedBy }) => [host, address, namedBy])
    expect(named).toEqual([
      [HOST, SERVER, 'tls'],
      ['asked.example', SERVER, 'dns'],
      [null, '198.51.100.7', 'none'],
    ])
  })

  test('are kept as far as the level of their device goes', () => {
    const at = (level: Policy['newDeviceLevel']): unknown[] =>
      new Home({ newDeviceLevel: level })
        .log(
          { kind: 'server-name', time: 5_000, uid: 'C1', client: camera, server: SERVER, serverPort: 443, name: HOST },
          connection(),
          connection({ server: PHONE.address }),
        )
        .cells()
    expect(at('companies')).toEqual([
      [6_000, camera, 'alexa', 100, 2_000],
      [6_000, camera, 'home', 100, 2_000],
      [6_000, PHONE.address, 'home', 2_000, 100],
    ])
    expect(at('totals')[0]).toEqual([6_000, camera, '*kept-back', 100, 2_000])
    expect(new Home({ levels: { [camera]: 'paused' } }).log(connection()).cells()).toEqual([])
  })

  test('know a device by the link address that the line has', () => {
    const home = new Home().log(connection({ clientMac: CAMERA.mac }))
    expect(home.cells()).toEqual([[6_000, CAMERA.mac, SERVER, 100, 2_000]])
    const served = new Home().log(connection({ client: SERVER, server: camera, serverMac: CAMERA.mac }))
    expect(served.cells()).toEqual([[6_000, CAMERA.mac, SERVER, 2_000, 100]])
  })
})

describe('a client that a log only names', () => {
  const ask = (client: string, clientName: string, name = HOST): LogRecord => ({
    kind: 'query',
    client,
    clientName,
    name,
    type: 1,
    time: 6_000,
  })

  test('from outside is one device, whatever address it asks from, and nobody else', () => {
    const home = new Home().log(ask('8.8.4.4', 'phone'), ask('8.8.8.8', 'phone'), ask('8.8.4.4', 'tablet'))
    const counts = home.lookups().map((cell) => (cell as unknown[]).at(-1))
    expect(counts.sort()).toEqual([1, 2])
    expect([...home.ids.values()].every((id) => id.startsWith('100::'))).toBe(true)
  })

  test('at home is on its own address', () => {
    const home = new Home().log(ask(CAMERA.address, 'camera'))
    home.take()
    expect([...home.ids.values()]).toEqual([CAMERA.address])
  })

  test('without a name is no device of this home', () => {
    const home = new Home().log({ kind: 'query', client: '8.8.4.4', name: HOST, type: 1, time: 6_000 })
    expect(home.lookups()).toEqual([])
  })
})
