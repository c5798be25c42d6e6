// A namespace whose only way out counts what is sent there, and leads nowhere.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ipIn, makeNamespace, namespaceOf, run } from './namespaces.ts'
import { has } from './programs.ts'

/** Packets that programs sent towards the world, by what they are; `dns` ones are among the others too. */
export interface Egress {
  ipv4: number
  ipv6: number
  dns: number
}

/**
 * One cable into nowhere with the default route of both families: a packet to anywhere but the loopback goes there and
 * is counted on its way. The kernel's own multicast housekeeping (MLD, neighbours) is no program's doing and not
 * counted.
 */
const RULES = `table inet egress {
  counter ipv4 {}
  counter ipv6 {}
  counter dns {}
  chain leaving {
    type filter hook output priority 0
    oifname "lo" accept
    icmpv6 type { mld-listener-report, mld2-listener-report, nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept
    udp dport { 53, 853, 5353 } counter name dns
    tcp dport { 53, 853 } counter name dns
    meta nfproto ipv4 counter name ipv4
    meta nfproto ipv6 counter name ipv6
  }
}
`
const NEEDED = ['ip', 'nft']

/** One sentence; null where the namespace can be made. */
export function whyNoEgress(): string | null {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const missing = NEEDED.filter((program) => !has(program))
  if (missing.length > 0) return `${missing.join(' and ')} not installed (apt-get install iproute2 nftables)`
  const probe = namespaceOf(process.pid, 'probe')
  const made = spawnSync('ip', ['netns', 'add', probe]).status === 0
  if (made) spawnSync('ip', ['netns', 'del', probe])
  return made ? null : 'this machine does not let us make network namespaces'
}

export class CountedNamespace {
  readonly name: string
  /** Where the cable ends: nobody lives there. */
  private readonly void: string
  private readonly settings: string

  constructor(label = 'offline') {
    this.name = namespaceOf(process.pid, label)
    this.void = namespaceOf(process.pid, `${label}void`)
    this.settings = join('/etc/netns', this.name)
    try {
      this.build()
    } catch (error) {
      this.remove()
      throw error
    }
  }

  private build(): void {
    makeNamespace(this.name)
    makeNamespace(this.void)
    ipIn(this.name, `link add out type veth peer name out netns ${this.void}`)
    // Nobody answers who has an address: packets leave without asking.
    ipIn(this.name, 'link set out arp off')
    ipIn(this.name, 'addr add 192.0.2.2/24 dev out')
    ipIn(this.name, 'addr add 2001:db8::2/64 dev out nodad')
    ipIn(this.void, 'link set out up')
    ipIn(this.name, 'link set out up')
    ipIn(this.name, 'route add default via 192.0.2.1 dev out')
    ipIn(this.name, '-6 route add default via 2001:db8::1 dev out')
    run('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], RULES)
    // The machine's own resolver may listen on the loopback: here each look-up has to leave.
    mkdirSync(this.settings, { recursive: true })
    writeFileSync(join(this.settings, 'resolv.conf'), 'nameserver 192.0.2.53\noptions timeout:1 attempts:1\n')
  }

  start(command: string, args: string[], environment: NodeJS.ProcessEnv = process.env): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, command, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: environment,
    })
  }

  /** Resolves to the exit status. */
  run(command: string, args: string[]): Promise<number> {
    const child = this.start(command, args)
    return new Promise((resolve, reject) => child.once('error', reject).once('exit', (status) => resolve(status ?? 1)))
  }

  counted(): Egress {
    const listed = JSON.parse(run('ip', ['netns', 'exec', this.name, 'nft', '-j', 'list', 'counters'])) as {
      nftables: { counter?: { name: string; packets: number } }[]
    }
    const packets = new Map(
      listed.nftables.flatMap(({ counter }) =>
        counter === undefined ? [] : [[counter.name, counter.packets] as const],
      ),
    )
    return {
      ipv4: packets.get('ipv4') ?? Number.NaN,
      ipv6: packets.get('ipv6') ?? Number.NaN,
      dns: packets.get('dns') ?? Number.NaN,
    }
  }

  reset(): void {
    run('ip', ['netns', 'exec', this.name, 'nft', 'reset', 'counters'])
  }

  remove(): void {
    for (const name of [this.name, this.void]) spawnSync('ip', ['netns', 'del', name])
    rmSync(this.settings, { recursive: true, force: true })
  }
}

/** Sends what must be counted, to documentation addresses: one datagram of each family, and one look-up. */
export const CONTROL = `
  const { createSocket } = require('node:dgram')
  const send = (family, address) => new Promise((done) => {
    const socket = createSocket(family)
    socket.send('x', 9, address, () => socket.close(done))
  })
  send('udp4', '198.51.100.1').then(() => send('udp6', '2001:db8:1::1')).then(() => require('node:dns').lookup('control.example.com', () => {}))
`
