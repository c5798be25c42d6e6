// The source of flow records: how it is named, silence and its return, a port in use, and what its sentences say.
import { createSocket, type Socket } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LogRecord } from '../../../capture/logs/record.ts'
import { NetflowSource, SILENT_SECONDS, source } from '../../../capture/sources/netflow.ts'
import { flowNote, flowProblem } from '../../../capture/sources/netflow-sentences.ts'
import { Collector, dataSet, field, flowFields, ipfix, NOW, templateSet, v5 } from '../../support/flow-exports.ts'

const details = { address: '127.0.0.1', port: 0, senders: ['127.0.0.1'] }
let exporter: Socket
let later = 0
const now = (): number => Date.now() / 1000 + later
const sources: NetflowSource[] = []

async function bound(port = 0): Promise<Socket> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve))
  return socket
}

async function freePort(): Promise<number> {
  const socket = await bound()
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

function opened(port: number, records: LogRecord[] = []): NetflowSource {
  const made = new NetflowSource({ ...details, port }, { onRecord: (record) => records.push(record) }, { now })
  sources.push(made)
  made.start()
  return made
}

const until = (condition: () => void): Promise<void> => vi.waitFor(condition, { timeout: 10_000, interval: 10 })
const sends = (port: number, sequence: number): void =>
  exporter.send(
    v5([{ sourcePort: 1_000 + sequence }], { exported: Math.floor(Date.now() / 1000), sequence }),
    port,
    '127.0.0.1',
  )

beforeEach(async () => {
  later = 0
  exporter = await bound()
})
afterEach(async () => {
  await Promise.all(sources.splice(0).map((one) => one.stop()))
  await new Promise<void>((resolve) => exporter.close(() => resolve()))
})

test('is named by address, port and senders', () => {
  expect(source.parseLine('192.168.1.10:2055 from 192.168.1.1, 192.168.1.2')).toMatchObject({
    id: 'netflow:192.168.1.10:2055',
    port: 2055,
    senders: ['192.168.1.1', '192.168.1.2'],
  })
  expect(source.parseArgument('netflow:9995')).toMatchObject({ address: '127.0.0.1', port: 9995 })
  expect(source.parseArgument('netflow:here')).toBeNull()
})

describe('an exporter', () => {
  test('is waited for until its first datagram, and then told how to be set up', async () => {
    const port = await freePort()
    const waiting = opened(port)
    await until(() => expect(waiting.status().state).toBe('starting'))
    expect(waiting.status()).toMatchObject({ problem: null, lastRecord: null })
    later = SILENT_SECONDS + 1
    const advice = `Let it send NetFlow v9 or IPFIX to 127.0.0.1:${port} over UDP.`
    await until(() => expect(waiting.status().problem ?? '').toContain(advice))
  })

  test('that is silent is a gap from its last datagram on, and back with the next one', async () => {
    const port = await freePort()
    const records: LogRecord[] = []
    const heard = opened(port, records)
    await until(() => {
      if (records.length === 0) sends(port, 0)
      expect(heard.status().state).toBe('running')
    })
    const { lastRecord } = heard.status()
    later = SILENT_SECONDS + 5
    const silent = heard.status()
    expect(silent).toMatchObject({ state: 'failed', seenUntil: lastRecord })
    expect(silent.problem).toMatch(/^No flow records from 127\.0\.0\.1 for 6\d s\./)
    later = 0
    sends(port, 1)
    await until(() => expect(records).toHaveLength(2))
    expect(heard.status()).toMatchObject({ state: 'running', problem: null })
  })

  test('that was out once is missed as soon the next time; a pause that it makes twice is its habit', async () => {
    const port = await freePort()
    const records: LogRecord[] = []
    const heard = opened(port, records)
    const pause = SILENT_SECONDS + 5
    await until(() => {
      if (records.length === 0) sends(port, 0)
      expect(heard.status().state).toBe('running')
    })
    for (const outage of [1, 2]) {
      later = outage * pause
      expect(heard.status().state).toBe('failed')
      sends(port, outage)
      await until(() => expect(heard.status().state).toBe('running'))
    }
    later = 3 * pause
    expect(heard.status().state).toBe('running')
    later = 2 * pause + 2 * pause + 5
    expect(heard.status().state).toBe('failed')
    later = 0
  })

  test('that was killed and started again counts on, with nothing lost and nothing twice', async () => {
    const port = await freePort()
    const records: LogRecord[] = []
    const heard = opened(port, records)
    const exported = Math.floor(Date.now() / 1000)
    const before = v5([{ first: 8_940_000, last: 8_980_000 }], { exported, uptime: 9_000_000, sequence: 700 })
    await until(() => {
      if (records.length === 0) exporter.send(before, port, '127.0.0.1')
      expect(records).toHaveLength(1)
    })
    // The same connection goes on, from another port of the exporter and with numbers that begin anew.
    const restarted = await bound()
    const behind = v5([{ octets: 5_000, packets: 5, first: 3_000, last: 14_000 }], { exported, uptime: 15_000 })
    for (let twice = 0; twice < 2; twice++) restarted.send(behind, port, '127.0.0.1')
    await until(() => expect(records).toHaveLength(2))
    expect(records).toMatchObject([{ bytesUp: 60_000 }, { bytesUp: 5_000 }])
    expect(heard.status()).toMatchObject({ state: 'running', skipped: 0 })
    await new Promise<void>((resolve) => restarted.close(() => resolve()))
  })

  test('finds the port again that another program held', async () => {
    const held = await bound()
    const { port } = held.address()
    const records: LogRecord[] = []
    const waiting = opened(port, records)
    await until(() => expect(waiting.status().problem).toContain(`UDP port ${port} of 127.0.0.1 is in use`))
    await new Promise<void>((resolve) => held.close(() => resolve()))
    await until(() => {
      if (records.length === 0) sends(port, 0)
      expect(waiting.status().state).toBe('running')
    })
  })
})

test('a datagram at which the engine fails goes to the guard, and the next one is read', async () => {
  const port = await freePort()
  const guarded: string[] = []
  const failing = new NetflowSource(
    { ...details, port },
    {
      onRecord: () => {
        throw new Error('the engine fails')
      },
      guard: (line, read) => {
        guarded.push(line)
        expect(read).toThrow('the engine fails')
      },
    },
  )
  sources.push(failing)
  failing.start()
  await until(() => {
    sends(port, guarded.length)
    expect(guarded.length).toBeGreaterThan(1)
  })
  expect(guarded[0]).toMatch(/^netflow AAUAA/)
})

describe('what it says', () => {
  const fields = flowFields()
  const message = (exported: number): Uint8Array =>
    ipfix([templateSet(300, fields), dataSet(300, fields)], { exported })

  test('is whose clock is wrong, and by how much', () => {
    const years = new Collector().take(v5([{}], { exported: NOW - 3 * 31_557_600 }))
    expect(flowProblem(years.decoder, NOW)).toBe(
      'The clock of 192.168.7.1 is 3 years behind: its flows are dated by when they come. Set its time, such as by NTP.',
    )
    const ahead = new Collector().take(v5([{}], { exported: NOW + 7_200 }))
    expect(flowProblem(ahead.decoder, NOW)).toContain('is 2 hours ahead')
    expect(flowProblem(ahead.decoder, NOW + 2_000)).toBeNull()
    expect(flowProblem(new Collector().take(message(NOW)).decoder, NOW)).toBeNull()
  })

  test('is how late bytes are, with what to set where that is more than a minute', () => {
    expect(flowNote(new Collector().take(v5([{}])).decoder)).toBe(
      'Bytes appear up to 30 s late: a flow that goes on is sent every 30 s. Events are not told of flow records.',
    )
    const slow = new Collector().take(v5([{ first: 1_000_000 - 300_000 }]))
    expect(flowNote(slow.decoder)).toContain('Set the router’s active timeout to 60 s')
    expect(flowNote(new Collector().decoder)).toBeNull()
  })

  test('is that the router exports the side of the internet', () => {
    const outside = new Collector()
    for (let number = 0; number < 50; number++)
      outside.take(v5([{ source: '203.0.113.5', sourcePort: number + 1 }], { sequence: number }))
    expect(flowProblem(outside.decoder, NOW)).toContain('None of 50 flows has an address of a home')
  })

  test('is what was left out, and why', () => {
    const collector = new Collector()
      .take(Uint8Array.from([0, 0, 0, 5, 0, 0, 0, 1]))
      .take(v5([{}]).subarray(0, 60))
      .take(v5([{ first: 1_000_000, last: 900_000 }]))
      .take(v5([{ first: 1_000_000 + 60_000_000, last: 1_000_000 + 60_000_000 }], { sequence: 1 }))
    expect(flowProblem(collector.decoder, NOW)).toBe(
      'Left out: 1 datagram with wrong lengths; 1 datagram of sFlow, which is another protocol. ' +
        'Not counted: 1 flow that ended before it began. 1 flow with impossible times was counted when they came.',
    )
  })
})

test('a total that is no number of eight bytes is no count', () => {
  const fields = flowFields([field(1, 5, 8), { id: 2, bytes: new Array<number>(9).fill(1) }])
  const { flows } = new Collector().take(ipfix([templateSet(300, fields), dataSet(300, fields)]))
  expect(flows).toMatchObject([{ bytesUp: 5, packetsUp: 0 }])
})
