// The seconds add up to the totals, whatever the clock does.
import { describe, expect, test } from 'vitest'
import { RowNumber } from '../../../server/engine/row-table.ts'
import type { Tick } from '../../../server/engine/tick.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { ethernet, ETHERTYPE } from '../../../server/sample/packets/packet-builder.ts'
import { pcapngFile } from '../../../server/sample/packets/pcap-writer.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import {
  arpFrom,
  CAMERA,
  dnsAnswerA,
  httpRequest,
  ipLength,
  type Lab,
  newLab,
  PHONE,
  ROUTER,
  SERVER,
  tcpOut,
  tlsHello,
  udpIn,
  udpOut,
  udpWithin,
} from './lab.ts'
import { multicastMac } from '../../../server/sample/packets/addresses.ts'
import { routerAdvertisement } from '../../../server/sample/packets/ndp-builder.ts'

interface TickingLab extends Lab {
  ticks: Tick[]
  /** [second, sum of sent, sum of received, sum of both directions at home] of each tick. */
  seconds(): number[][]
}

function newTickingLab(): TickingLab {
  const ticks: Tick[] = []
  const lab = newLab({ onTick: (tick) => ticks.push(tick) })
  const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0)
  return {
    ...lab,
    ticks,
    seconds: () =>
      ticks.map(({ second, sent, received, sentLocal, receivedLocal }) => [
        second,
        sum(sent),
        sum(received),
        sum(sentLocal) + sum(receivedLocal),
      ]),
  }
}

/** Adds the ticks up per row and compares with the table's totals. */
function expectSumsToAgree({ ticks, engine }: TickingLab): void {
  const sent = new Map<number, number>()
  const received = new Map<number, number>()
  for (const tick of ticks) {
    tick.rows.forEach((row, index) => {
      sent.set(row, (sent.get(row) ?? 0) + tick.sent[index])
      received.set(row, (received.get(row) ?? 0) + tick.received[index])
    })
  }
  for (let row = 0; row < engine.rows.used; row++) {
    expect([row, sent.get(row) ?? 0, received.get(row) ?? 0]).toEqual([
      row,
      engine.rows.number(row, RowNumber.Sent),
      engine.rows.number(row, RowNumber.Received),
    ])
  }
}

const up = udpOut(CAMERA, SERVER, { payload: new Uint8Array(72) })
const down = udpIn(CAMERA, SERVER, { payload: new Uint8Array(172) })

describe('ticks', () => {
  test('each second with traffic gives one, seconds without give none', () => {
    const lab = newTickingLab()
    lab.add(100.1, up)
    lab.add(100.9, down)
    lab.add(101, up)
    lab.add(107.5, down)
    lab.analyze()
    expect(lab.seconds()).toEqual([
      [100, 100, 200, 0],
      [101, 100, 0, 0],
      [107, 0, 200, 0],
    ])
    expectSumsToAgree(lab)
  })

  test('traffic at home is counted by who sent and who received it', () => {
    const lab = newTickingLab()
    lab.add(5, arpFrom(PHONE))
    const within = udpWithin(CAMERA, PHONE, { payload: new Uint8Array(10) })
    lab.add(6, within)
    lab.analyze()
    expect(lab.seconds()).toEqual([[6, 0, 0, 2 * ipLength(within)]])
    expect([...lab.ticks[0].sentLocal].sort()).toEqual([0, ipLength(within)])
  })

  test('a late name moves the earlier bytes to its row, and the sums stay', () => {
    const lab = newTickingLab()
    const first = tcpOut(CAMERA, SERVER, { sequence: 1000, flags: 2 })
    const hello = tcpOut(CAMERA, SERVER, { sequence: 1001, payload: tlsHello('late.example') })
    lab.add(10, first)
    lab.add(15, hello)
    lab.analyze()
    expect(lab.seconds()).toEqual([
      [10, ipLength(first), 0, 0],
      [15, ipLength(hello), 0, 0],
    ])
    const moving = lab.ticks[1]
    expect([...moving.sent].sort((one, other) => one - other)).toEqual([-ipLength(first), ipLength(first, hello)])
    expectSumsToAgree(lab)
  })

  test('a time mark closes the second without a packet', () => {
    const lab = newTickingLab()
    lab.add(100, up)
    expect(lab.ticks).toHaveLength(0)
    lab.engine.timeMark(100)
    expect(lab.ticks).toHaveLength(0)
    lab.engine.timeMark(101)
    expect(lab.seconds()).toEqual([[100, 100, 0, 0]])
    lab.add(101.5, up)
    lab.engine.timeMark(100)
    lab.engine.timeMark(105)
    expect(lab.seconds()).toEqual([
      [100, 100, 0, 0],
      [101, 100, 0, 0],
    ])
    lab.analyze()
    expectSumsToAgree(lab)
  })

  test('a time mark before the first packet does nothing', () => {
    const lab = newTickingLab()
    lab.engine.timeMark(50)
    lab.add(100, up)
    lab.analyze()
    expect(lab.seconds()).toEqual([[100, 100, 0, 0]])
  })

  test('packets that come a little out of order count in the second that is open', () => {
    const lab = newTickingLab()
    for (const time of [100, 102, 101, 99, 102.5, 103]) lab.add(time, up)
    lab.analyze()
    expect(lab.seconds()).toEqual([
      [100, 100, 0, 0],
      [102, 400, 0, 0],
      [103, 100, 0, 0],
    ])
  })

  test('a clock set back by far goes on at the time it says', () => {
    const lab = newTickingLab()
    for (const time of [1000, 500, 501]) lab.add(time, up)
    lab.analyze()
    expect(lab.seconds()).toEqual([
      [1000, 100, 0, 0],
      [500, 100, 0, 0],
      [501, 100, 0, 0],
    ])
  })

  test('two packets fifty years apart are two ticks, at no cost between', () => {
    const lab = newTickingLab()
    lab.add(0, up)
    lab.add(50 * 365 * 86_400, up)
    lab.add(0xffffffff, up)
    const analysis = lab.analyze()
    expect(lab.seconds()).toEqual([
      [0, 100, 0, 0],
      [1_576_800_000, 100, 0, 0],
      [0xffffffff, 100, 0, 0],
    ])
    expect([analysis.capture.first, analysis.capture.last]).toEqual([
      '1970-01-01T00:00:00.000Z',
      '2106-02-07T06:28:15.000Z',
    ])
  })

  test('times in reverse are counted to the byte, and first and last are the earliest and the latest', () => {
    const lab = newTickingLab()
    for (let time = 2000; time > 1000; time--) lab.add(time, up)
    const analysis = lab.analyze()
    expect(lab.seconds().reduce((sum, [, sent]) => sum + sent, 0)).toBe(1000 * ipLength(up))
    expect(analysis.devices[0].endpoints[0]).toMatchObject({
      first: '1970-01-01T00:16:41.000Z',
      last: '1970-01-01T00:33:20.000Z',
      packets: 1000,
    })
    expectSumsToAgree(lab)
  })

  test('the traffic of a prefix learned at the end is reported too', () => {
    const lab = newTickingLab()
    const camera6 = { mac: CAMERA.mac, address: '2001:db8:1:1::a' }
    const sent = udpOut(camera6, '2001:db8:ffff::5')
    lab.add(10, sent)
    const advertisement = routerAdvertisement({
      source: 'fe80::1',
      destination: 'ff02::1',
      mac: ROUTER.mac,
      prefix: '2001:db8:1:1::',
    })
    lab.add(20, ethernet(ROUTER.mac, multicastMac('ff02::1'), ETHERTYPE.ipv6, advertisement))
    lab.analyze()
    expect(lab.seconds().reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(ipLength(sent))
    expectSumsToAgree(lab)
  })

  test('a capture without times is one tick at a second that is a number', () => {
    const ticks: Tick[] = []
    const engine = new Engine({ onTick: (tick) => ticks.push(tick) })
    const reader = new CaptureReader((frame) => engine.packet(frame))
    reader.push(
      pcapngFile({
        blocks: [
          { kind: 'interface', interface: {} },
          { kind: 'simple', bytes: up },
          { kind: 'simple', bytes: down },
        ],
      }),
    )
    reader.end()
    engine.finish()
    expect(ticks.map(({ second, sent, received }) => [second, ...sent, ...received])).toEqual([[0, 100, 200]])
  })

  test('the sums agree with the totals over random homes, clocks, names and moves', () => {
    const random = seededRandom(60)
    for (let round = 0; round < 30; round++) {
      const lab = newTickingLab()
      let time = 1000
      let sequence = 1
      for (let step = 0; step < 150; step++) {
        time += random.chance(0.1) ? random.integer(-20, 20) : random.next()
        const host = random.pick([CAMERA, PHONE, { mac: PHONE.mac, address: CAMERA.address }])
        const port = 40_000 + random.integer(0, 3)
        const packet = random.pick([
          () => udpOut(host, SERVER, { sourcePort: port, payload: random.bytes(random.integer(0, 60)) }),
          () => udpIn(host, SERVER, { destinationPort: port }),
          () =>
            tcpOut(host, SERVER, {
              sourcePort: port,
              sequence: (sequence += 1000),
              payload: random.chance(0.5)
                ? tlsHello(random.pick(['a.example', 'b.example']))
                : httpRequest(random.pick(['c.example', 'd.example'])),
            }),
          () =>
            tcpOut(host, SERVER, {
              sourcePort: port,
              sequence: (sequence += 1_000_000),
              flags: random.pick([2, 17, 20]),
            }),
          () => dnsAnswerA(host, random.pick(['e.example', 'f.example']), SERVER),
          () => arpFrom(host),
          () => udpWithin(CAMERA, PHONE),
        ])()
        lab.add(Math.max(0, time), packet)
        if (random.chance(0.05)) lab.engine.timeMark(Math.floor(time))
      }
      lab.analyze()
      expectSumsToAgree(lab)
    }
  })
})
