// Tests of accounting: it equals the analysis, device by device, however late a name or an owner becomes known.
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { buildAnalysis } from '../../../server/analyze/report.ts'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { AT_HOME, CELL_LENGTH, type Endpoint } from '../../../server/model/batch.ts'
import { TrafficAccounting } from '../../../server/session/accounting.ts'
import { hashOfId } from '../../../server/session/excluded-devices.ts'
import { bytesOf, realCaptures } from '../../support/real-captures.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { arpFrom, CAMERA, dnsAnswerA, ipLength, PHONE, SERVER, tcpIn, tcpOut, tlsHello } from '../engine/lab.ts'
import type { Policy } from '../../../server/model/policy.ts'

const rules = openRules(compiledRulesFolder())
const defaultPolicy: Policy = { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }

interface Sums {
  sent: number
  received: number
  sentLocal: number
  receivedLocal: number
}

interface Kept {
  devices: Map<string, Sums>
  /** Per device and company (empty for unknown). */
  companies: Map<string, [sent: number, received: number]>
  endpoints: Endpoint[]
}

/** Everything the accounting hands on, added up. */
function addUp(accounting: TrafficAccounting): Kept {
  const { cells, devices, endpoints } = accounting.drain()
  const ids = new Map(devices.map(({ index, id }) => [index, id]))
  const byNumber = new Map(endpoints.map((endpoint) => [endpoint.number, endpoint]))
  const kept: Kept = { devices: new Map(), companies: new Map(), endpoints }
  for (let at = 0; at < cells.length; at += CELL_LENGTH) {
    const [, device, endpoint, sent, received] = cells.subarray(at, at + CELL_LENGTH)
    const id = ids.get(device) as string
    const sums = kept.devices.get(id) ?? { sent: 0, received: 0, sentLocal: 0, receivedLocal: 0 }
    kept.devices.set(id, sums)
    if (endpoint === AT_HOME) {
      sums.sentLocal += sent
      sums.receivedLocal += received
      continue
    }
    sums.sent += sent
    sums.received += received
    const key = `${id} ${byNumber.get(endpoint)?.company ?? ''}`
    const [a, b] = kept.companies.get(key) ?? [0, 0]
    kept.companies.set(key, [a + sent, b + received])
  }
  return kept
}

function analysisSums(analysis: Analysis): Pick<Kept, 'devices' | 'companies'> {
  const devices = new Map<string, Sums>()
  const companies = new Map<string, [number, number]>()
  for (const { id, sent, received, sentLocal, receivedLocal, endpoints } of analysis.devices) {
    if (sent + received + sentLocal + receivedLocal > 0) devices.set(id, { sent, received, sentLocal, receivedLocal })
    for (const endpoint of endpoints) {
      const key = `${id} ${endpoint.company ?? ''}`
      const [a, b] = companies.get(key) ?? [0, 0]
      companies.set(key, [a + endpoint.sent, b + endpoint.received])
    }
  }
  return { devices, companies }
}

function readInto(accounting: TrafficAccounting, bytes: Uint8Array): CaptureReader {
  const reader = new CaptureReader((frame) => accounting.engine.packet(frame))
  reader.push(bytes)
  reader.end()
  accounting.finish()
  return reader
}

function accountingOf(frames: Uint8Array[], policy: Policy = defaultPolicy): TrafficAccounting {
  const accounting = new TrafficAccounting(rules, null, policy)
  const records = frames.map((bytes, index) => pcapRecord({ seconds: 1000 + index, nanos: 0, bytes }))
  readInto(accounting, Buffer.concat([pcapHeader({}), ...records]))
  return accounting
}

const sorted = <Value>(map: Map<string, Value>): [string, Value][] =>
  [...map].sort(([one], [other]) => (one < other ? -1 : 1))
/** Those that moved anything: a device may have lost all its bytes to another. */
const moving = <Value extends [number, number] | Sums>(map: Map<string, Value>): [string, Value][] =>
  sorted(map).filter(([, value]) => Object.values(value).some((bytes) => bytes !== 0))

describe('accounting', () => {
  test('credits a device that shows itself later with what went to its address before', () => {
    const before = tcpIn(CAMERA, SERVER)
    const after = tcpOut(CAMERA, SERVER)
    const kept = addUp(accountingOf([before, arpFrom(CAMERA), after]))
    expect(moving(kept.devices)).toEqual([
      [CAMERA.mac, { sent: ipLength(after), received: ipLength(before), sentLocal: 0, receivedLocal: 0 }],
    ])
  })

  test('moves bytes to a name that comes later, and keeps the sum', () => {
    const frames = [tcpOut(CAMERA, SERVER), tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') })]
    const kept = addUp(accountingOf(frames))
    expect(moving(kept.companies)).toEqual([[`${CAMERA.mac} alexa`, [ipLength(...frames), 0]]])
  })

  test('knows a device that showed itself by ARP alone, and since when', () => {
    const [device] = accountingOf([arpFrom(CAMERA)]).drainDevices(10)
    expect(device).toMatchObject({ id: CAMERA.mac, firstSeen: 1000, lastSeen: 1000, addresses: [CAMERA.address] })
  })

  test('keeps no host, address or name of a device whose companies only are kept', () => {
    const frames = [dnsAnswerA(CAMERA, 'api.amazonalexa.com', SERVER), tcpOut(CAMERA, SERVER)]
    const accounting = accountingOf(frames, { ...defaultPolicy, levels: { [CAMERA.mac]: 'companies' } })
    const [described] = accounting.drainDevices(10)
    const batch = accounting.drain()
    expect(batch.endpoints.map(({ host, address, company, namedBy }) => [host, address, company, namedBy])).toEqual([
      [null, null, 'alexa', 'kept-back'],
    ])
    expect(batch.names).toEqual([])
    expect(JSON.stringify(described)).not.toContain('amazonalexa')
  })

  test('keeps one sum of a device whose totals only are kept', () => {
    const out = tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') })
    const kept = addUp(accountingOf([out], { ...defaultPolicy, levels: { [CAMERA.mac]: 'totals' } }))
    expect(kept.endpoints.map(({ host, company }) => [host, company])).toEqual([[null, '*kept-back']])
    expect(kept.devices.get(CAMERA.mac)?.sent).toBe(ipLength(out))
  })

  test('reads no packets from or to a paused device, nor ARP about it', () => {
    const frames = [arpFrom(CAMERA), tcpOut(CAMERA, SERVER), tcpIn(CAMERA, SERVER), tcpOut(PHONE, SERVER)]
    const accounting = accountingOf(frames, { ...defaultPolicy, levels: { [CAMERA.mac]: 'paused' } })
    expect([...addUp(accounting).devices.keys()]).toEqual([PHONE.mac])
    expect(accounting.engine.excluded).toBe(3)
  })

  test('excludes a device that is ignored by the hash of its id', () => {
    const ignored = { salt: 'pepper', hashes: [hashOfId('pepper', CAMERA.mac)] }
    const accounting = accountingOf([tcpOut(CAMERA, SERVER), tcpOut(PHONE, SERVER)], { ...defaultPolicy, ignored })
    expect([...addUp(accounting).devices.keys()]).toEqual([PHONE.mac])
  })

  test('follows a level that changes while packets come', () => {
    const accounting = new TrafficAccounting(rules, null, defaultPolicy)
    const reader = new CaptureReader((frame) => accounting.engine.packet(frame))
    const hello = tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') })
    reader.push(
      Buffer.concat([
        pcapHeader({}),
        pcapRecord({ seconds: 1000, bytes: hello }),
        pcapRecord({ seconds: 1001, bytes: hello }),
      ]),
    )
    accounting.setPolicy({ ...defaultPolicy, levels: { [CAMERA.mac]: 'totals' } })
    reader.push(pcapRecord({ seconds: 1002, bytes: hello }))
    reader.end()
    accounting.finish()
    const kept = addUp(accounting)
    expect(kept.endpoints.map(({ company }) => company)).toEqual(['alexa', '*kept-back'])
    expect(kept.devices.get(CAMERA.mac)?.sent).toBe(3 * ipLength(hello))
  })

  test('names an address by the name that the device knew before a restart', () => {
    const accounting = new TrafficAccounting(rules, null, defaultPolicy)
    accounting.remember(CAMERA.mac, SERVER, 'api.amazonalexa.com')
    readInto(accounting, Buffer.concat([pcapHeader({}), pcapRecord({ seconds: 1000, bytes: tcpOut(CAMERA, SERVER) })]))
    expect(accounting.drain().endpoints.map(({ host, namedBy }) => [host, namedBy])).toEqual([
      ['api.amazonalexa.com', 'remembered'],
    ])
  })
})

const captures = realCaptures()
describe.skipIf(captures === null)('the history of real captures', () => {
  test('equals the analysis for every device and company, to the byte', () => {
    const wrong: string[] = []
    let compared = 0
    for (const capture of captures ?? []) {
      const { path } = capture
      const bytes = bytesOf(capture)
      if (bytes.length > 600_000) continue
      const accounting = new TrafficAccounting(rules, null, defaultPolicy)
      const reader = readInto(accounting, bytes)
      if (reader.format === null) continue
      const wanted = analysisSums(buildAnalysis(path, reader, accounting.engine, rules))
      const kept = addUp(accounting)
      compared++
      if (JSON.stringify(moving(kept.devices)) !== JSON.stringify(moving(wanted.devices)))
        wrong.push(`${path}: devices`)
      if (JSON.stringify(moving(kept.companies)) !== JSON.stringify(moving(wanted.companies)))
        wrong.push(`${path}: companies`)
    }
    expect(wrong).toEqual([])
    expect(compared).toBeGreaterThan(1000)
  })
})
