// What a gateway's script writes is read: connections, who is in the home, and what keeps bytes from being counted.
import { describe, expect, test } from 'vitest'
import { ConnectionReader } from '../../../capture/connections/connection-reader.ts'
import type { LogLease } from '../../../capture/logs/record.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { BindingNumber } from '../../../server/engine/row-table.ts'

const DEVICE = '192.168.1.10'
const MAC = 'a4:da:22:00:00:10'
const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wan\t00000000\t016433C6\t0003\t0\t0\t0\t00000000\t0\t0\t0
lan\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
20010db8000500000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000003 00000000 00000001      lan
20010db8000600000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001      wan
00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8000600000000000000000001 00000400 00000001 00000000 00000003      wan
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
IP address       HW type     Flags       HW address            Mask     Device
198.51.100.1     0x1         0x2         02:00:00:00:00:99     *        wan
${DEVICE}     0x1         0x2         ${MAC}     *        lan
192.168.1.77     0x1         0x0         00:00:00:00:00:00     *        lan
fe80::1 dev wan lladdr 02:00:00:00:00:99 router REACHABLE
2001:db8:5::10 dev lan lladdr ${MAC} STALE
2001:db8:5::11 dev lan  used 0/0/0 probes 6 FAILED
`

interface Talk {
  a?: string
  port?: number
  b?: string
  far?: number
  up?: number
  down?: number
  flags?: string
}

/** A row whose packets have 100 bytes each. */
function row({ a = DEVICE, port = 50_000, b = '203.0.113.9', far = 443, up = 0, down = 0, flags = '' }: Talk): string {
  const one = `src=${a} dst=${b} sport=${port} dport=${far} packets=${up / 100} bytes=${up}`
  const other = `src=${b} dst=${a} sport=${far} dport=${port} packets=${down / 100} bytes=${down}`
  return `tcp      6 100 ESTABLISHED ${one} ${other} ${flags} mark=0 use=1 id=${port}\n`
}

class Lab {
  engine = new Engine({ onTick: () => {} })
  readonly leases: LogLease[] = []
  readonly looks: number[] = []
  strangers = 0
  now = 1_700_000_000
  readonly reader: ConnectionReader

  constructor(countsBytes = true) {
    this.reader = new ConnectionReader(
      {
        core: () => this.engine.core,
        clock: () => this.now,
        countsBytes,
        onLease: (lease) => this.leases.push(lease),
        guard: (_, take) => take(),
      },
      { onLook: (connections) => this.looks.push(connections), onStranger: () => this.strangers++ },
    )
  }

  say(text: string): void {
    this.reader.push(Buffer.from(text))
  }

  look(...talks: Talk[]): void {
    this.say(`#begin\n${talks.map(row).join('')}#end 0 1\n`)
  }

  home(): void {
    this.say(`#home\n${ROUTES}#known\n`)
  }

  /** Bytes of the internet by address, [sent, received]. */
  bytes(): Record<string, [number, number]> {
    this.engine.timeMark(Math.floor(++this.now))
    const { ownership, addresses, core } = this.engine
    const sums: Record<string, [number, number]> = {}
    for (let binding = 1; binding < ownership.bindingsUsed; binding++) {
      const number = (field: number): number => core.exports.bindingNumber(binding, field)
      const [sent, received] = [number(BindingNumber.Sent), number(BindingNumber.Received)]
      if (sent > 0 || received > 0) sums[addresses.text(ownership.addressOf(binding))] = [sent, received]
    }
    return sums
  }
}

function running(): Lab {
  const lab = new Lab()
  lab.say('#gateway program 1 none 192.168.1.2 40000 192.168.1.1 22\n')
  lab.home()
  lab.look()
  return lab
}

test('bytes count from the first whole look on, and each look is told', () => {
  const lab = new Lab()
  lab.say('#gateway program 1 none \n')
  lab.home()
  expect(lab.reader.hasHeader).toBe(false)
  lab.look({ up: 1000 })
  expect(lab.reader.hasHeader).toBe(true)
  lab.look({ up: 1500, down: 700 })
  lab.home()
  expect(lab.bytes()).toEqual({ [DEVICE]: [500, 700] })
  expect(lab.looks).toEqual([1, 1])
  expect(lab.reader.packets).toBe(12)
})

test('lines may come in any pieces', () => {
  const lab = running()
  const text = `#begin\n${row({ up: 500 })}#end 0 1\n#home\n${ROUTES}#known\n`
  for (const letter of text) lab.say(letter)
  expect(lab.bytes()).toEqual({ [DEVICE]: [500, 0] })
})

test('the first bytes of somebody new wait until the gateway said who holds the address', () => {
  const lab = running()
  lab.look({ up: 500 })
  expect(lab.strangers).toBe(1)
  expect(lab.bytes()).toEqual({})
  lab.home()
  expect(lab.bytes()).toEqual({ [DEVICE]: [500, 0] })
  lab.look({ up: 800 })
  expect(lab.strangers).toBe(1)
  expect(lab.bytes()).toEqual({ [DEVICE]: [800, 0] })
})

test('what still waits at the end of the stream is counted', () => {
  const lab = running()
  lab.look({ up: 500 })
  lab.reader.end()
  expect(lab.bytes()).toEqual({ [DEVICE]: [500, 0] })
})

describe('the home', () => {
  test('is told of once: who is a neighbour on its own links, and not on the way to the internet', () => {
    const lab = running()
    lab.home()
    expect(lab.leases.map(({ mac, address }) => `${mac} ${address}`)).toEqual([
      `${MAC} ${DEVICE}`,
      `${MAC} 2001:db8:5::10`,
    ])
  })

  test('has the IPv6 prefixes of its own links: their connections are its', () => {
    const lab = running()
    const talk = { a: '2001:db8:5::10', b: '2001:db8:ffff::9' }
    lab.look(talk)
    lab.look({ ...talk, up: 300, down: 400 })
    lab.home()
    expect(lab.bytes()).toEqual({ '2001:db8:5::10': [300, 400] })
  })

  test('is told to new tables as well', () => {
    const lab = running()
    lab.engine = new Engine({ onTick: () => {} })
    lab.look()
    expect(lab.leases).toHaveLength(4)
    lab.look({ a: '2001:db8:5::10', b: '2001:db8:ffff::9', up: 300 })
    lab.home()
    expect(lab.bytes()).toEqual({ '2001:db8:5::10': [300, 0] })
  })
})

describe('is not counted', () => {
  test("the machine's own way to the gateway, by which the rows come", () => {
    const lab = running()
    lab.look({ a: '192.168.1.2', b: '192.168.1.1', far: 22, up: 90_000 }, { up: 100 })
    lab.home()
    expect(lab.reader.packets).toBe(1)
  })

  test('what the gateway says to itself', () => {
    const lab = running()
    lab.look({ a: '127.0.0.1', b: '127.0.0.1', up: 90_000 })
    expect(lab.reader.packets).toBe(0)
  })

  test('anything where another source counts; who is in the home is told all the same', () => {
    const lab = new Lab(false)
    lab.say('#gateway program 1 none \n')
    lab.home()
    lab.look()
    lab.look({ up: 500 })
    lab.reader.end()
    expect(lab.bytes()).toEqual({})
    expect(lab.leases).toHaveLength(2)
  })
})

describe('a sentence says what is wrong', () => {
  const sentenceOf = (lab: Lab): string | null => lab.reader.timeProblem

  test('nothing, where all is well', () => expect(sentenceOf(running())).toBeNull())

  test('where the kernel does not count, until it does', () => {
    const lab = running()
    lab.say('#begin\n#end 0 0\n')
    expect(sentenceOf(lab)).toMatch(/sysctl -w net\.netfilter\.nf_conntrack_acct=1/)
    lab.look()
    expect(sentenceOf(lab)).toBeNull()
  })

  test.each([
    ['none', /only where its flowtable counts/],
    ['uncounted', /Add "counter" to the flowtable/],
  ])('where connections go past the firewall, and flowtables: %s', (flowtable, sentence) => {
    const lab = new Lab()
    lab.say(`#gateway program 1 ${flowtable} \n`)
    lab.look({ flags: '[OFFLOAD]' })
    expect(sentenceOf(lab)).toMatch(sentence)
  })

  test('not where the flowtable counts them', () => {
    const lab = new Lab()
    lab.say('#gateway program 1 counted \n')
    lab.look({ flags: '[HW_OFFLOAD]' })
    expect(sentenceOf(lab)).toBeNull()
  })

  test('where reports of ends were lost, for an hour', () => {
    const lab = running()
    lab.say('WARNING: We have hit ENOBUFS! We are losing events.\n')
    expect(sentenceOf(lab)).toMatch(/ENOBUFS/)
    lab.now += 3_601
    expect(sentenceOf(lab)).toBeNull()
  })

  test('where there is no program conntrack', () => {
    const lab = new Lab()
    lab.say('#gateway table 1 none \n')
    lab.look()
    expect(sentenceOf(lab)).toMatch(/no program conntrack/)
  })

  test('where lines are no connections', () => {
    const lab = running()
    lab.say(`#begin\ntcp 6 src=nobody dst=nobody src=nobody\n#strange\n${'x'.repeat(300_000)}\n#end 0 1\n`)
    expect(sentenceOf(lab)).toMatch(/^3 lines of the gateway could not be read/)
  })
})
