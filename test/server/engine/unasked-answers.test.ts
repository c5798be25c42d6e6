// DNS answers with and without their query, and the names that they give.
import { describe, expect, test } from 'vitest'
import { dns } from '../../../server/sample/packets/dns-builder.ts'
import { tcpFrame, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { concat, u16 } from '../../../server/sample/packets/bytes.ts'
import { multicastMac } from '../../../server/sample/packets/addresses.ts'
import { answer, type Exchange, homeOf, query, up } from '../../support/poisoned-home.ts'
import { analysisOf, namesOf, newLab } from './lab.ts'

const home = homeOf(4)
const { victim, intruder, router } = home
const asked = query(home, victim)
const talk = up(home, victim, home.named)
const other = (exchange: Exchange): Uint8Array =>
  answer(home, victim, home.named, { name: 'forged.example', ...exchange })

describe('an answer counts', () => {
  test('where its query was seen, whoever else asked before', () => {
    expect(namesOf(analysisOf([query(home, intruder), asked, answer(home, victim, home.named), talk]), victim)).toEqual(
      ['api.maker.example dns'],
    )
  })

  test('where no query of the device is seen at all, although it sends: one direction may be missing', () => {
    const frames = [up(home, victim, home.nameless), answer(home, victim, home.named), talk]
    expect(namesOf(analysisOf(frames), victim).sort()).toEqual(['- none', 'api.maker.example dns'])
  })

  test('within half a minute of its query', () => {
    const after = (seconds: number): string[] => {
      const lab = newLab()
      lab.add(1_000, asked)
      lab.add(1_000 + seconds, answer(home, victim, home.named))
      lab.add(1_001 + seconds, talk)
      return namesOf(lab.analyze(), victim)
    }
    expect([after(30), after(31)]).toEqual([['api.maker.example dns'], ['- none']])
  })

  test('again where the same MAC repeats it, as a mirrored port does', () => {
    const twice = answer(home, victim, home.named)
    const analysis = analysisOf([asked, asked, twice, twice, talk])
    expect([namesOf(analysis, victim), analysis.conflicts]).toEqual([['api.maker.example dns'], []])
  })

  test('over TCP as well, and only there with its query', () => {
    const message = (type: 'query' | 'response', data?: string): Uint8Array => {
      const name = 'tcp.example'
      const answers = data === undefined ? [] : [{ name, type: 'A' as const, ttl: 60, data }]
      const bytes = dns({ type, id: 3, flags: 0x0100, questions: [{ name, type: 'A' }], answers })
      return concat(u16(bytes.length), bytes)
    }
    const ends = {
      sourceMac: victim.mac,
      destinationMac: router.mac,
      source: victim.address,
      destination: router.address,
    }
    const ask = tcpFrame({ ...ends, sourcePort: 5_353, destinationPort: 53, sequence: 1, payload: message('query') })
    const reply = tcpFrame({
      sourceMac: router.mac,
      destinationMac: victim.mac,
      source: router.address,
      destination: victim.address,
      sourcePort: 53,
      destinationPort: 5_353,
      sequence: 1,
      payload: message('response', home.named),
    })
    expect(namesOf(analysisOf([ask, reply, talk]), victim)).toEqual(['tcp.example dns'])
    const analysis = analysisOf([asked, reply, talk])
    expect(namesOf(analysis, victim)).toEqual(['- none'])
    expect(analysis.conflicts).toMatchObject([{ kind: 'unasked-answer', name: 'tcp.example', times: 1 }])
  })
})

describe('an answer names nothing', () => {
  test.each<[string, Exchange]>([
    ['the id', { id: 8 }],
    ['the port', { port: 50_001 }],
    ['the name', { name: 'elsewhere.example' }],
    ['the resolver', { server: '192.168.1.53' }],
  ])('where all fits its query but %s', (_, wrong) => {
    const forged = answer(home, victim, home.named, wrong)
    const analysis = analysisOf([asked, forged, talk])
    expect(namesOf(analysis, victim)).toEqual(['- none'])
    expect(analysis.conflicts).toMatchObject([
      { kind: 'unasked-answer', device: victim.mac, other: router.mac, times: 1 },
    ])
  })

  test('where another device answers after the resolver did', () => {
    const late = answer(home, victim, home.nameless, { mac: intruder.mac })
    const frames = [asked, answer(home, victim, home.named), late, talk, up(home, victim, home.nameless)]
    expect(namesOf(analysisOf(frames), victim).sort()).toEqual(['- none', 'api.maker.example dns'])
  })

  test("to other devices: an intruder's forged answers do not agree with anybody", () => {
    const forged = answer(home, intruder, home.named, {
      mac: intruder.mac,
      server: home.stranger,
      name: 'forged.example',
    })
    const frames = [
      up(home, victim, home.nameless),
      query(home, intruder, { server: home.stranger, name: 'forged.example' }),
      forged,
      talk,
    ]
    expect(namesOf(analysisOf(frames), victim)).toEqual(['- none', '- none'])
  })

  test('by multicast DNS: it is no answer about the internet', () => {
    const announced = udpFrame({
      sourceMac: intruder.mac,
      destinationMac: multicastMac('224.0.0.251'),
      source: intruder.address,
      destination: '224.0.0.251',
      sourcePort: 5353,
      destinationPort: 5353,
      payload: dns({
        type: 'response',
        id: 0,
        flags: 0x0400,
        answers: [{ name: 'forged.example', type: 'A', ttl: 120, data: home.named }],
      }),
    })
    expect(namesOf(analysisOf([announced, talk]), victim)).toEqual(['- none'])
  })

  test('and takes no name away', () => {
    const frames = [asked, answer(home, victim, home.named), talk, other({}), up(home, victim, home.named, 40_009)]
    expect(namesOf(analysisOf(frames), victim)).toEqual(['api.maker.example dns'])
  })
})

test('queries beyond the cap push out the oldest, which is counted', () => {
  const lab = newLab()
  lab.add(1_000, asked)
  for (let id = 0; id < 4_096; id++) lab.add(1_001, query(home, intruder, { id, port: 40_000 + (id & 7) }))
  expect(lab.engine.limits.reached.get('dnsOutstanding')).toBe(1)
  lab.add(1_002, answer(home, victim, home.named))
  lab.add(1_003, talk)
  expect(namesOf(lab.analyze(), victim)).toEqual(['- none'])
})
