// Templates of every form: v9 and IPFIX, options, enterprise numbers, variable and reduced lengths, withdrawal, expiry.
import { describe, expect, test } from 'vitest'
import { MAX_PENDING_BYTES, MAX_STREAMS, MAX_TEMPLATES, PENDING_SECONDS } from '../../../capture/flows/limits.ts'
import {
  address,
  Collector,
  dataSet,
  decoded,
  DEVICE,
  FAR,
  field,
  flowFields,
  ipfix,
  mac,
  NOW,
  optionsSet,
  ROUTER,
  set,
  templateSet,
  uint,
  v9,
  withdrawal,
} from '../../support/flow-exports.ts'

const FIELDS = flowFields()
const template = templateSet(300, FIELDS)
const data = dataSet(300, FIELDS)

describe('a template', () => {
  test('gives a record its ends, counts and times', () => {
    expect(decoded(FIELDS)).toEqual([
      {
        kind: 'connection',
        time: NOW - 30,
        uid: '',
        client: DEVICE,
        clientPort: 50_000,
        server: FAR,
        serverPort: 443,
        protocol: 6,
        seconds: 30,
        bytesUp: 60_000,
        bytesDown: 0,
        packetsUp: 60,
        packetsDown: 0,
        clientMac: null,
        serverMac: null,
        lateSeconds: 30,
      },
    ])
  })

  test('of NetFlow v9 is read with its own set numbers', () => {
    const fields = flowFields([field(22, 970_000, 4), field(21, 1_000_000, 4)], [152, 153])
    const { flows } = new Collector().take(v9([templateSet(260, fields, false), dataSet(260, fields)]))
    expect(flows).toMatchObject([{ time: NOW - 30, seconds: 30, bytesUp: 60_000 }])
  })

  test('has elements of other enterprises, which are passed over', () => {
    const own = { id: 1, bytes: uint(999, 4), enterprise: 9 }
    expect(decoded([own, ...FIELDS])).toMatchObject([{ bytesUp: 60_000 }])
  })

  test('has fields of variable length, short and long, before and behind others', () => {
    const name = { id: 371, bytes: [97, 98, 99], isVariable: true }
    const long = { id: 460, bytes: new Array<number>(300).fill(120), isVariable: true }
    const none = { id: 96, bytes: [], isVariable: true }
    const fields = [name, ...FIELDS.slice(0, 4), long, none, ...FIELDS.slice(4)]
    const { flows } = new Collector().take(ipfix([templateSet(300, fields), dataSet(300, fields, fields)]))
    expect(flows.map(({ bytesUp, serverPort }) => [bytesUp, serverPort])).toEqual([[60_000, 443]])
  })

  test('has numbers of reduced size', () => {
    const fields = flowFields([field(1, 60_000, 3), field(2, 60, 1), field(10, 4, 1)])
    expect(decoded(fields)).toMatchObject([{ bytesUp: 60_000, packetsUp: 60 }])
  })

  test('has IPv6 addresses and MAC addresses of those who send and receive', () => {
    const fields = flowFields(
      [
        { id: 27, bytes: address('2001:db8:1::5') },
        { id: 28, bytes: address('2001:db8:2::9') },
        { id: 56, bytes: mac('0c:47:c9:00:00:11') },
        { id: 57, bytes: mac('02:11:22:33:44:01') },
        { id: 80, bytes: mac('02:11:22:33:44:02') },
        { id: 81, bytes: mac('02:11:22:33:44:03') },
      ],
      [8, 12],
    )
    expect(decoded(fields)).toMatchObject([
      {
        client: '2001:db8:1::5',
        server: '2001:db8:2::9',
        clientMac: '0c:47:c9:00:00:11',
        serverMac: '02:11:22:33:44:01',
      },
    ])
  })

  test('pads its sets and is padded', () => {
    const padded = set(300, [...data.slice(4), 0, 0, 0])
    const { flows, decoder } = new Collector().take(ipfix([set(2, [...template.slice(4), 0, 0, 0, 0]), padded]))
    expect(flows).toHaveLength(1)
    expect(decoder.unread.damaged).toBe(0)
  })

  test('may be sent again with other fields, which then count', () => {
    const other = flowFields([field(1, 1_234, 4)])
    const { flows } = new Collector()
      .take(ipfix([template, data]))
      .take(ipfix([templateSet(300, other), dataSet(300, other)], { sequence: 1 }), NOW + 100)
    expect(flows.map(({ bytesUp }) => bytesUp)).toEqual([60_000, 1_234])
  })

  test('belongs to its exporter and its domain alone', () => {
    const collector = new Collector()
      .take(ipfix([template], { domain: 1 }))
      .take(ipfix([data], { domain: 2 }))
      .take(ipfix([data], { domain: 1 }), NOW, { address: '192.168.7.2', port: ROUTER.port })
      .take(ipfix([data], { domain: 1 }), NOW, { ...ROUTER, port: 40_001 })
    expect(collector.flows).toEqual([])
    expect(collector.decoder.pending.size).toBe(3)
  })

  test('of NetFlow v9 may come from another port of the same exporter', () => {
    const fields = flowFields()
    const { flows } = new Collector()
      .take(v9([templateSet(260, fields, false)]))
      .take(v9([dataSet(260, fields)]), NOW, { ...ROUTER, port: 40_001 })
    expect(flows).toHaveLength(1)
  })
})

describe('records before their template', () => {
  test('are decoded when it comes, by the times of their own datagram', () => {
    const delta = flowFields([field(158, 30e6, 4), field(159, 0, 4)], [152, 153])
    const collector = new Collector().take(ipfix([dataSet(300, delta)], { exported: NOW }))
    expect(collector.flows).toEqual([])
    collector.take(ipfix([templateSet(300, delta)], { exported: NOW + 60, sequence: 1 }), NOW + 60)
    expect(collector.flows).toMatchObject([{ time: NOW - 30, seconds: 30 }])
    expect(collector.decoder.pending).toMatchObject({ size: 0, lost: 0 })
  })

  test('are given up after ten minutes, and counted', () => {
    const collector = new Collector().take(ipfix([data]))
    collector.take(ipfix([template], { sequence: 1 }), NOW + PENDING_SECONDS + 1)
    expect(collector.flows).toEqual([])
    expect(collector.decoder.pending).toMatchObject({ size: 0, lost: 1 })
  })

  test('are kept up to a number of bytes', () => {
    const collector = new Collector()
    const large = set(300, new Array<number>(40_000).fill(1))
    for (let number = 0; number < 40; number++) collector.take(ipfix([large], { sequence: number }))
    const kept = Math.floor(MAX_PENDING_BYTES / 40_000)
    expect(collector.decoder.pending).toMatchObject({ size: kept, lost: 40 - kept })
  })

  test('are no loss in the numbering', () => {
    const collector = new Collector()
      .take(ipfix([template, data], { sequence: 0 }))
      .take(ipfix([dataSet(301, FIELDS, FIELDS)], { sequence: 1 }))
      .take(ipfix([data], { sequence: 3 }), NOW + 70)
    expect(collector.decoder.lost).toBe(0)
  })
})

describe('a template ends', () => {
  test('when it is withdrawn, alone or with all', () => {
    for (const id of [300, 2]) {
      const collector = new Collector().take(ipfix([template, withdrawal(id), data]))
      expect(collector.flows).toEqual([])
      expect(collector.decoder.pending.size).toBe(1)
    }
    expect(new Collector().take(ipfix([template, withdrawal(3), data])).flows).toHaveLength(1)
  })

  test('when it was not sent for half an hour, or three times its interval', () => {
    const later = (after: number, ...sent: number[]): number => {
      const collector = new Collector().take(ipfix([template]))
      for (const at of sent) collector.take(ipfix([template], { exported: NOW + at }), NOW + at)
      const fields = flowFields([field(153, (NOW + after) * 1000, 8), field(152, (NOW + after) * 1000, 8)])
      return collector.take(ipfix([dataSet(300, fields)], { exported: NOW + after }), NOW + after).flows.length
    }
    expect(later(1_799)).toBe(1)
    expect(later(1_801)).toBe(0)
    expect(later(3_599, 1_800)).toBe(1)
    expect(later(1_200 + 3_500, 1_200)).toBe(1)
    expect(later(1_200 + 3_601, 1_200)).toBe(0)
  })
})

describe('what exporters fill has a cap', () => {
  test('templates of one stream: the one sent or used longest ago goes', () => {
    const collector = new Collector()
    const small = [field(1, 1, 1)]
    collector.take(ipfix([template]))
    for (let id = 0; id < MAX_TEMPLATES - 1; id++) collector.take(ipfix([templateSet(1_000 + id, small)]))
    expect(collector.take(ipfix([data])).flows).toHaveLength(1)
    collector.take(ipfix([templateSet(9_000, small)]))
    // The records that used it made it younger than all others.
    expect(collector.take(ipfix([dataSet(300, flowFields([field(7, 5, 2)]))])).flows).toHaveLength(2)
    const [stream] = collector.decoder.heard
    expect(stream?.templates.size).toBe(MAX_TEMPLATES)
  })

  test('streams: the one heard longest ago goes', () => {
    const collector = new Collector()
    for (let domain = 0; domain < MAX_STREAMS + 5; domain++) collector.take(ipfix([template], { domain }))
    const domains = [...collector.decoder.heard].map((stream) => stream.domain)
    expect(domains).toHaveLength(MAX_STREAMS)
    expect(domains[0]).toBe(5)
  })
})

describe('options', () => {
  test('are no flows, whatever they hold', () => {
    const fields = flowFields()
    const { flows } = new Collector().take(ipfix([optionsSet(400, fields, 1), dataSet(400, fields)]))
    expect(flows).toEqual([])
  })

  test('say when the exporter was started, by which its times since then are dated', () => {
    const init = [field(149, 1, 4), field(160, (NOW - 1_000) * 1000, 8)]
    const fields = flowFields([field(22, 970_000, 4), field(21, 1_000_000, 4)], [152, 153])
    const { flows } = new Collector().take(
      ipfix([optionsSet(400, init, 1), dataSet(400, init), templateSet(300, fields), dataSet(300, fields)]),
    )
    expect(flows).toMatchObject([{ time: NOW - 30, seconds: 30 }])
  })

  test('say the active timeout', () => {
    const timeout = [field(1, 0, 4), field(36, 300, 2)]
    const { decoder } = new Collector().take(v9([optionsSet(400, timeout, 1, false), dataSet(400, timeout)]))
    expect([...decoder.heard][0]?.timing.interval).toBe(300)
  })
})

describe('wrong lengths', () => {
  test('of a message or a set leave out all of it', () => {
    const right = ipfix([template, data])
    const tooLong = Uint8Array.from(right)
    tooLong[3] += 1
    const cut = right.subarray(0, right.length - 1)
    const setTooLong = ipfix([template, [...uint(300, 2), ...uint(5_000, 2), ...data.slice(4)]])
    const setTooShort = ipfix([template, [...uint(300, 2), ...uint(3, 2), ...data.slice(4)]])
    for (const bytes of [tooLong, cut, setTooLong, setTooShort]) {
      const { flows, decoder } = new Collector().take(bytes)
      expect(flows).toEqual([])
      expect(decoder.unread.damaged).toBe(1)
    }
  })

  test('of a template leave out what stands behind it', () => {
    const broken = set(2, [...uint(300, 2), ...uint(9, 2), ...uint(8, 2), ...uint(4, 2)])
    const empty = set(2, [...uint(301, 2), ...uint(1, 2), ...uint(8, 2), ...uint(0, 2)])
    for (const bytes of [broken, empty]) {
      const { decoder } = new Collector().take(ipfix([bytes]))
      expect([...decoder.heard][0]?.templates.size).toBe(0)
      expect(decoder.unread.damaged).toBe(1)
    }
  })

  test('of a variable field end the set, and what came before counts', () => {
    const fields = [...FIELDS, { id: 371, bytes: [97], isVariable: true }]
    const records = [...dataSet(300, fields).slice(4), ...dataSet(300, fields).slice(4, -2), 200, 97]
    const { flows, decoder } = new Collector().take(ipfix([templateSet(300, fields), set(300, records)]))
    expect(flows).toHaveLength(1)
    expect(decoder.unread.damaged).toBe(1)
  })

  test('no prefix of a message makes it throw', () => {
    const whole = ipfix([template, optionsSet(400, FIELDS, 1), data])
    for (let length = 0; length < whole.length; length++)
      expect(new Collector().take(whole.subarray(0, length)).flows).toEqual([])
  })
})

test('what is of another version is counted by what it is', () => {
  const { decoder } = new Collector()
    .take(Uint8Array.from([0, 0, 0, 5, 0, 0, 0, 1]))
    .take(Uint8Array.from([0, 1, 0, 1]))
    .take(Uint8Array.from([0]))
    .take(new Uint8Array())
  expect(decoder.unread).toEqual({ damaged: 0, copies: 0, sflow: 1, other: 3 })
})
