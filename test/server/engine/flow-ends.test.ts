// What flow records teach: names by what was looked up before, the home's IPv6 prefix, and whose an address is.
import { describe, expect, test } from 'vitest'
import { parseAddress } from '../../../capture/ip-address.ts'
import type { LogConnection } from '../../../capture/logs/record.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { FlowPrefixes } from '../../../server/engine/flow-prefixes.ts'
import { notePortsOfFlow } from '../../../server/engine/flow-ports.ts'
import { LogObserver, NO_BINDING } from '../../../server/engine/log-observer.ts'

const DEVICE = '192.168.7.20'
const OTHER = '192.168.7.21'
const FAR = '198.51.100.9'
const MAC = '0c:47:c9:00:00:11'
const ROUTER = '02:11:22:33:44:01'
const HOME6 = '2a02:8071:1:2'

class Observed {
  readonly engine = new Engine()
  readonly observer = new LogObserver(this.engine)

  answer(client: string, name: string, time: number, far = FAR): void {
    this.observer.answered(this.observer.bindingOf(client), name, [far], time)
  }

  name(start: number, client = DEVICE): unknown {
    const { host, namedBy } = this.observer.nameOfFlow(this.observer.bindingOfEnd(client), FAR, start)
    return [host, namedBy]
  }

  flow(client: string, server: string, clientMac: string | null = null, serverMac: string | null = null): void {
    this.observer.sawFlow({ client, clientMac, server, serverMac })
  }

  isHome(address: string): boolean {
    return this.observer.bindingOfEnd(address) !== NO_BINDING
  }
}

describe('the name of a flow', () => {
  test('is what its device was last answered before it began, with two seconds of slack', () => {
    const seen = new Observed()
    seen.answer(DEVICE, 'first.example', 100)
    seen.answer(DEVICE, 'second.example', 200)
    expect(seen.name(150)).toEqual(['first.example', 'dns'])
    expect(seen.name(197)).toEqual(['first.example', 'dns'])
    expect(seen.name(198)).toEqual(['second.example', 'dns'])
    expect(seen.name(9_000)).toEqual(['second.example', 'dns'])
  })

  test('is the answer of since where there was none before', () => {
    const seen = new Observed()
    seen.answer(DEVICE, 'late.example', 500)
    expect(seen.name(100)).toEqual(['late.example', 'dns'])
  })

  test('is that of others where all agree, and none where they do not', () => {
    const seen = new Observed()
    seen.answer(OTHER, 'shared.example', 100)
    expect(seen.name(150)).toEqual(['shared.example', 'dns-other'])
    seen.answer('192.168.7.22', 'another.example', 120)
    expect(seen.name(150)).toEqual([null, 'none'])
  })

  test('is what the device called the address before a restart', () => {
    const seen = new Observed()
    seen.flow(DEVICE, FAR, MAC)
    seen.engine.recall(MAC, FAR, 'earlier.example')
    expect(seen.name(150)).toEqual(['earlier.example', 'remembered'])
  })

  test('is found where the answer came before the MAC was known', () => {
    const seen = new Observed()
    seen.answer(DEVICE, 'first.example', 100)
    seen.flow(DEVICE, FAR, MAC)
    expect(seen.name(150)).toEqual(['first.example', 'dns'])
  })
})

describe('an IPv6 prefix', () => {
  const server = (number: number): string => `26${number}:1::5`

  test("is the home's once it talked to four networks, and a server's never is", () => {
    const seen = new Observed()
    for (const number of [10, 20, 30]) seen.flow(`${HOME6}::20`, server(number))
    expect(seen.isHome(`${HOME6}::20`)).toBe(false)
    seen.flow(server(40), `${HOME6}::21`)
    expect([seen.isHome(`${HOME6}::20`), seen.isHome(`${HOME6}::77`)]).toEqual([true, true])
    for (let device = 1; device < 50; device++) seen.flow(`${HOME6}::${device}`, server(10))
    expect(seen.isHome(server(10))).toBe(false)
  })

  test("is the home's at once where a router's MAC stands at the other end", () => {
    const seen = new Observed()
    seen.flow(FAR, DEVICE, ROUTER, MAC)
    seen.flow(`${HOME6}::20`, server(10), MAC, ROUTER)
    expect([seen.isHome(`${HOME6}::20`), seen.isHome(server(10))]).toEqual([true, false])
  })

  test('makes no router of a device that sends from its own', () => {
    const seen = new Observed()
    seen.flow(DEVICE, FAR, MAC)
    seen.flow(`${HOME6}::20`, server(10), MAC)
    const { ownership } = seen.engine
    expect(ownership.isRouter(ownership.findMac(0x0c47, 0xc900_0011 | 0))).toBe(false)
  })

  test('is not learned of Teredo, of neighbours, nor where the owner named the home', () => {
    const words = (text: string) => parseAddress(text) ?? [0, 0, 0, 0]
    const prefixes = new FlowPrefixes()
    for (let number = 10; number < 30; number++) {
      const found = prefixes.note(words('2001:0:1:2::5'), words(server(number)))
      expect(found).toEqual([])
    }
    expect(prefixes.note(words(`${HOME6}::1`), words(`${HOME6}::2`))).toEqual([])
    const named = new Engine({ home: [{ words: words('192.168.7.0'), bits: 120 }] })
    const observer = new LogObserver(named)
    for (let number = 10; number < 30; number++)
      observer.sawFlow({ client: `${HOME6}::20`, clientMac: null, server: server(number), serverMac: null })
    expect(observer.bindingOfEnd(`${HOME6}::20`)).toBe(NO_BINDING)
  })
})

test('what a flow asks for, and what answers from a port, are ports of the device', () => {
  const seen = new Observed()
  const note = (client: string, clientPort: number, server: string, serverPort: number, protocol = 6): void => {
    const ends = { client, clientPort, server, serverPort, protocol } as LogConnection
    const { ports } = seen.engine
    notePortsOfFlow(ports, ends, seen.observer.bindingOfEnd(client), seen.observer.bindingOfEnd(server))
  }
  note(DEVICE, 50_000, FAR, 8_883)
  note(DEVICE, 50_001, FAR, 443)
  note(FAR, 123, DEVICE, 40_000, 17)
  note(OTHER, 51_000, DEVICE, 554)
  note(DEVICE, 554, OTHER, 51_000)
  note(DEVICE, 8, FAR, 0, 1)
  const portsOf = (address: string): string[] => seen.engine.ports.of(seen.observer.bindingOfEnd(address))
  expect(portsOf(DEVICE)).toEqual(['internet tcp 8883', 'internet udp 123', 'serves tcp 554'])
  expect(portsOf(OTHER)).toEqual(['home tcp 554'])
})

test('what is sent to a broadcast address is sent to no device', () => {
  const seen = new Observed()
  seen.flow(DEVICE, '192.168.7.255')
  expect([seen.isHome('192.168.7.255'), seen.observer.isGroup('192.168.7.255')]).toEqual([false, true])
  // In a larger network it is somebody's.
  seen.flow('192.168.7.255', FAR)
  expect(seen.isHome('192.168.7.255')).toBe(true)
})

test('the MAC of who sends holds the address, on the side of the home', () => {
  const seen = new Observed()
  seen.flow(DEVICE, FAR, MAC, ROUTER)
  const { ownership } = seen.engine
  const binding = seen.observer.bindingOfEnd(DEVICE)
  expect(ownership.macText(ownership.macOfBinding(binding))).toBe(MAC)
})
