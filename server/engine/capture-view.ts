// What a capture as a whole shows of the home, where that is little: the side of the internet, one direction, a tunnel.
import { type AddressWords, addressText } from '../../capture/ip-address.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import type { ViewFact } from '../text/en/capture-view.ts'
import { type SurveyedEnd, type SurveyedFlow, visitFlows } from './flow-survey.ts'
import { tunnelKind } from './tunnels.ts'

/** So much of the bytes has to go by the home for the capture to be from the side of the internet. */
const PASSING_SHARE = 0.8
/** So much of it has to be of one address for that to be the home's. */
const ONE_ADDRESS_SHARE = 0.9
const MOST = 0.5
/** Captures of less say nothing about where they were taken. */
const LEAST_BYTES = 2_000
const LEAST_PACKETS = 20
/** A tunnel of fewer bytes is somebody's trial. */
const LEAST_TUNNEL_BYTES = 5_000
/** Of one direction; a scan or a server that is off gets no answers either. */
const LEAST_EVIDENCE = 10
/** Bytes of flows that were seen both ways, of all, where only one direction was captured. */
const BOTH_WAYS_SHARE = 0.01
/** A TCP segment without data: its headers, and the most options. */
const BARE_SEGMENT = 60
/** Ports that systems give to clients (Linux from 32,768 on, RFC 6056 from 49,152 on). */
const CLIENT_PORTS = 32_768
const TCP = 6
const UDP = 17
/** RFC 6598, which providers share among homes. */
const SHARED_PREFIX = 0x64400000 >>> 22

interface Weight {
  bytes: number
  /** Of flows in which it had the port of a client. */
  asClient: number
}

/** The facts, the one that explains most first; none where the capture shows a home, or too little. */
export function captureView(core: PacketCore): ViewFact[] {
  const sums = new Sums()
  visitFlows(core, (flow) => sums.add(flow))
  const facts = [sums.internetSide(), sums.sharedAddress(), sums.oneDirection(), ...sums.tunnels()]
  return facts.filter((fact) => fact !== null)
}

class Sums {
  private passing = 0
  private sent = 0
  private received = 0
  private local = 0
  private bothWays = 0
  private packets = 0
  private evidence = 0
  /** Of what passes by, by address (IPv4), and by prefix of each length (IPv6). */
  private readonly ipv4: Weights = new Weights()
  private readonly ipv6 = new Map<number, Weights>([64, 56, 48].map((bits) => [bits, new Weights()]))
  /** IPv4 addresses at home that talk to the internet. */
  private readonly atHome = new Set<number>()
  private readonly carried = new Map<string, { name: string; isEncrypted: boolean; bytes: number; ends: string[] }>()

  add(flow: SurveyedFlow): void {
    const [a, b] = flow.ends
    if (a.place === 'group' || b.place === 'group') return
    const bytes = a.bytes + b.bytes
    if (a.place === 'home' && b.place === 'home') this.local += bytes
    else if (a.place === 'internet' && b.place === 'internet') this.addPassing(flow, bytes)
    else this.addInternet(flow, a.place === 'home' ? [a, b] : [b, a])
    const kind = tunnelKind(flow.protocol, a.port, b.port)
    if (kind === null) return
    const ends = [textOf(a), textOf(b)].sort()
    const key = `${kind.name} ${ends.join(' ')}`
    const known = this.carried.get(key) ?? { ...kind, bytes: 0, ends }
    known.bytes += bytes
    this.carried.set(key, known)
  }

  internetSide(): ViewFact | null {
    const { passing } = this
    const all = passing + this.sent + this.received + this.local
    if (passing < LEAST_BYTES || passing < PASSING_SHARE * all) return null
    const address = this.ipv4.most()
    const prefix = [...this.ipv6].map(([bits, weights]) => [bits, weights.most()] as const).find(([, most]) => most)
    const addresses = address === null ? [] : [address]
    const prefixes = prefix === undefined || prefix[1] === null ? [] : [{ ...prefix[1], bits: prefix[0] }]
    return {
      kind: 'internet-side',
      bytes: passing,
      addresses: addresses.flatMap(({ keys }) => keys).map(addressText),
      prefixes: prefixes.flatMap(({ keys, bits }) => keys.map((words) => `${addressText(words)}/${bits}`)),
      isSure: [...addresses, ...prefixes].every(({ keys }) => keys.length === 1),
    }
  }

  /** All that a capture between the home's router and a provider that shares addresses shows is the router. */
  sharedAddress(): ViewFact | null {
    const [address] = this.atHome
    if (this.atHome.size !== 1 || address >>> 22 !== SHARED_PREFIX || this.packets < LEAST_PACKETS) return null
    return { kind: 'shared-address', address: addressText([0, 0, 0xffff, address]) }
  }

  oneDirection(): ViewFact | null {
    const { sent, received, evidence, packets } = this
    const isOne = this.bothWays <= BOTH_WAYS_SHARE * (sent + received)
    const minor = Math.min(sent, received)
    if (!isOne || packets < LEAST_PACKETS || evidence < LEAST_EVIDENCE) return null
    if (minor > BOTH_WAYS_SHARE * (sent + received)) return null
    return { kind: 'one-direction', sent, received }
  }

  tunnels(): ViewFact[] {
    const internet = this.passing + this.sent + this.received
    const largest = [...this.carried.values()].sort((one, other) => other.bytes - one.bytes)[0]
    if (largest === undefined || largest.bytes < LEAST_TUNNEL_BYTES) return []
    const { name, isEncrypted, bytes, ends } = largest
    const of = isEncrypted ? internet : internet + this.local
    if (bytes <= MOST * of) return []
    return [{ kind: isEncrypted ? 'vpn' : 'tunnel', name, bytes, share: Math.min(1, bytes / of), between: ends }]
  }

  private addPassing({ ends, isIpv4 }: SurveyedFlow, bytes: number): void {
    this.passing += bytes
    for (const [end, other] of [ends, [ends[1], ends[0]]]) {
      const isClient = end.port >= CLIENT_PORTS && other.port < CLIENT_PORTS && other.port > 0
      if (isIpv4) this.ipv4.add(end.words, bytes, isClient)
      else for (const [bits, weights] of this.ipv6) weights.add(prefixOf(end.words, bits), bytes, isClient)
    }
  }

  private addInternet({ protocol, isIpv4, packets }: SurveyedFlow, [home, far]: [SurveyedEnd, SurveyedEnd]): void {
    this.sent += home.bytes
    this.received += far.bytes
    this.packets += packets
    if (isIpv4) this.atHome.add(home.lastWord)
    if (home.bytes > 0 && far.bytes > 0) this.bothWays += home.bytes + far.bytes
    else if (protocol === TCP) {
      const hasData = home.bytes + far.bytes > BARE_SEGMENT * packets + BARE_SEGMENT
      if (hasData || packets >= LEAST_EVIDENCE) this.evidence += packets
    } else if (protocol === UDP && (far.bytes > 0 || (far.port === 443 && packets >= 50))) this.evidence += packets
  }
}

/** Bytes by address or prefix; there are at most twice as many as flows. */
class Weights {
  private readonly byKey = new Map<string, Weight & { words: AddressWords }>()
  private all = 0

  add(words: AddressWords, bytes: number, isClient: boolean): void {
    // Each flow is added for both of its ends.
    this.all += bytes / 2
    const key = words.join(' ')
    const known = this.byKey.get(key) ?? { words, bytes: 0, asClient: 0 }
    known.bytes += bytes
    if (isClient) known.asClient += bytes
    this.byKey.set(key, known)
  }

  /** The one that nearly all bytes are of; two where it may be either. Null where there is none. */
  most(): { keys: AddressWords[] } | null {
    const most = [...this.byKey.values()].filter(({ bytes }) => bytes > 0 && bytes >= ONE_ADDRESS_SHARE * this.all)
    most.sort((one, other) => other.asClient - one.asClient)
    const [first, second] = most
    if (first === undefined) return null
    if (second === undefined || first.asClient > 2 * second.asClient) return { keys: [first.words] }
    return { keys: [first.words, second.words] }
  }
}

function prefixOf([w0, w1]: AddressWords, bits: number): AddressWords {
  return [w0, bits >= 64 ? w1 : (w1 >>> (64 - bits)) * 2 ** (64 - bits), 0, 0]
}

function textOf({ words }: SurveyedEnd): string {
  return addressText(words)
}
