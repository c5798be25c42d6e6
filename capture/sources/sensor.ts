// Source kind sensor: a second Telltale that only captures, on another machine at home, and sends its packets here.
import { isIP, isIPv6 } from 'node:net'
import { forgetEnds, noteEnds } from './capture-ends.ts'
import type { NamedSource, PacketSourceDefinition } from './definition.ts'
import { isInterfaceName } from './interfaces.ts'
import { placeText } from './listener-address.ts'
import { RestartingSource, type RunningStream, type StreamEvents } from './restarting-source.ts'
import { ClockOffset } from './sensor-clock.ts'
import { readSensorKeys } from './sensor-key.ts'
import { LATE, SensorLink, type SensorLinkOptions } from './sensor-link.ts'
import { openSensorSsh, type SensorOverSsh } from './sensor-ssh.ts'
import { connectToSensor } from './sensor-tls.ts'
import type { PacketSource, SourceCounts, SourceEvents } from './source.ts'
import { parseRouterName, routerName } from './ssh-address.ts'

export interface SensorPlace {
  address: string
  port: number
}

export interface SensorDetails {
  /** Where it listens (TLS); null where it is run over ssh. */
  place: SensorPlace | null
  ssh: SensorOverSsh | null
}

/** With the time that a connection may take, it is back within 5 s of the sensor. */
const LONGEST_WAIT_MS = 1_000
/** Clocks that differ by more are worth a sentence. */
const CLOCKS_APART = 1
/** So long, in milliseconds, sentences about what was held back or late stay. */
const SAID_MS = 60_000

export class SensorSource implements PacketSource {
  private readonly details: SensorDetails
  private readonly name: string
  private readonly source: RestartingSource
  private readonly stateFolder: string | null
  private readonly offset = new ClockOffset()
  private heldBack = 0
  private heldBackAt = Number.NEGATIVE_INFINITY
  private lateAt = Number.NEGATIVE_INFINITY

  constructor(details: SensorDetails, events: SourceEvents) {
    this.details = details
    this.name = nameOf(details)
    this.stateFolder = events.stateFolder ?? null
    // Before any source starts, so that none captures what comes from here.
    if (details.place !== null) noteEnds(this, [details.place])
    this.source = new RestartingSource(
      (stream) => this.open(stream),
      events,
      (seconds) => this.quietSentence(seconds),
      {
        longestWaitMs: LONGEST_WAIT_MS,
      },
    )
  }

  start(): void {
    this.source.start()
  }

  async stop(): Promise<void> {
    await this.source.stop()
    forgetEnds(this)
  }

  setWatched(isWatched: boolean): void {
    this.source.setWatched(isWatched)
  }

  status(): SourceCounts {
    const status = this.source.status()
    const isOpen = status.state === 'running' || status.state === 'quiet'
    if (!isOpen) return status
    const sentences = [status.problem, this.limitSentence(), this.clockSentence()].filter((one) => one !== null)
    return { ...status, problem: sentences.length === 0 ? null : sentences.join(' ') }
  }

  private open(events: StreamEvents): RunningStream {
    this.heldBack = 0
    const { place, ssh } = this.details
    const options = {
      name: this.name,
      offset: this.offset,
      onHeldBack: (seconds: number) => {
        if (seconds > this.heldBack) this.heldBackAt = performance.now()
        this.heldBack = seconds
      },
      onLate: () => void (this.lateAt = performance.now()),
    }
    if (ssh !== null) return openSensorSsh(ssh, events, { ...options, owner: this })
    return place === null ? notOpened(events, 'No sensor is named.') : this.openTls(place, events, options)
  }

  private openTls(
    place: SensorPlace,
    events: StreamEvents,
    options: Omit<SensorLinkOptions, 'explain'>,
  ): RunningStream {
    let key: Buffer | undefined
    try {
      key = this.stateFolder === null ? undefined : readSensorKeys(this.stateFolder).get(this.name)
    } catch (error) {
      return notOpened(events, `The keys of sensors cannot be read (${(error as Error).message}).`)
    }
    if (key === undefined)
      return notOpened(events, `The sensor at ${this.name} is not paired with this Telltale yet. ${this.pairing()}`)
    const socket = connectToSensor(place, key, () => link.begin())
    const link = new SensorLink(socket, events, {
      ...options,
      explain: (error, hasSpoken) => this.explain(error, hasSpoken),
    })
    return link
  }

  /** How the two come to share a key. */
  private pairing(): string {
    const state = this.stateFolder === null ? '' : ` --state ${this.stateFolder}`
    return (
      'Show its pairing code there (sudo telltale sensor code) and paste it here: ' +
      `telltale sensor pair ${this.name}${state}`
    )
  }

  private explain(error: NodeJS.ErrnoException | null, hasSpoken: boolean): string {
    const { name } = this
    const code = error?.code ?? ''
    if (hasSpoken) return `The sensor at ${name} ended the connection. It is opened again.`
    if (code === 'ECONNREFUSED')
      return `No sensor runs at ${name}. Start it there: sudo systemctl start telltale-sensor`
    if (/^ERR_SSL_.*(?:ILLEGAL_PARAMETER|DECRYPT_ERROR|UNKNOWN_PSK|BINDER|HANDSHAKE_FAILURE)/.test(code))
      return (
        `The sensor at ${name} has another key than when it was paired, or another machine answers in its place: ` +
        `nothing is taken from it. If it was set up anew, pair it again. ${this.pairing()}`
      )
    if (/^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)$/.test(code))
      return `The sensor's machine cannot be reached at ${name}. Is it on, and its network?`
    if (code === 'ECONNRESET' || code === 'EPIPE' || error === null)
      return (
        `The sensor at ${name} refuses this machine: start it with --for and the address of this machine, ` +
        'or wait while it serves too many.'
      )
    if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
      return `What answers at ${name} is no sensor of Telltale (${code}).`
    return `The sensor at ${name} cannot be reached (${error.message}).`
  }

  private quietSentence(seconds: number): string {
    return `No packets from the sensor at ${this.name} for ${seconds} s. Is its interface the one that your devices are behind?`
  }

  private clockSentence(): string | null {
    const apart = this.offset.offset ?? 0
    if (Math.abs(apart) <= CLOCKS_APART) return null
    return (
      `The clock of the sensor at ${this.name} is ${Math.abs(apart).toFixed(1)} s ${apart > 0 ? 'ahead of' : 'behind'} ` +
      "this machine's: the times of its packets are corrected. Set the one that is wrong (timedatectl)."
    )
  }

  private limitSentence(): string | null {
    if (performance.now() - this.lateAt < SAID_MS)
      return (
        `The way from the sensor at ${this.name} is too slow for what it sees: packets that came over ${LATE} s late were ` +
        'left out, and count as dropped. Connect it by cable, or lower its --limit.'
      )
    if (performance.now() - this.heldBackAt > SAID_MS) return null
    return (
      `The sensor at ${this.name} sees more than it may send (its --limit), and holds packets back; ` +
      'those for which it has no room are counted as dropped.'
    )
  }
}

/** A try that failed before it began. */
function notOpened(events: StreamEvents, problem: string): RunningStream {
  const timer = setImmediate(() => events.onEnd(problem))
  return {
    stop: () => {
      clearImmediate(timer)
      return Promise.resolve()
    },
  }
}

function nameOf({ place, ssh }: SensorDetails): string {
  return ssh === null ? (place === null ? '' : placeText(place)) : routerName(ssh)
}

export const source: PacketSourceDefinition<'sensor', SensorDetails, 'sensors'> = {
  kind: 'sensor',
  delivers: 'packets',
  setting: {
    field: 'sensors',
    title: 'Sensors',
    description:
      'Telltales on other machines that only capture ("telltale sensor"): the address and port at which one listens, 192.168.1.7:7443; over ssh, "ssh pi@192.168.1.7 eth0".',
    maxItems: 8,
    format: 'sensor',
    wanted: 'addresses and ports of sensors, written like "192.168.1.7:7443" or "ssh pi@192.168.1.7 eth0"',
    add: {
      title: 'A sensor',
      example: '192.168.1.7:7443',
      hint: 'Where it listens. Pair it first: telltale sensor pair 192.168.1.7:7443',
    },
  },
  argument: 'sensor:192.168.1.7:7443',
  readme: {
    what: 'a second Telltale that only captures',
    argument: '`sensor:192.168.1.7:7443`, `sensor:ssh:pi@192.168.1.7/eth0`',
    needs: 'a [sensor](#several-boxes-into-one) on that machine, paired once; or a key for it over ssh',
  },
  parseLine: (line) => parsePlace(line.trim()) ?? parseSsh(/^ssh +(\S+) +(\S+)$/.exec(line.trim())),
  parseArgument: (text) =>
    text.startsWith('sensor:')
      ? (parseSsh(/^ssh:(\S+)\/([^/\s]+)$/.exec(text.slice(7))) ?? parsePlace(text.slice(7)))
      : null,
  open: (details, events) => new SensorSource(details, events),
}

/** "192.168.1.7:7443", "[fd00::7]:7443". */
export function parseSensorPlace(text: string): SensorPlace | null {
  const [, bracketed, plain, port = ''] = /^(?:\[([\da-fA-F:.]{2,45})\]|([\d.]{7,15})):(\d{1,5})$/.exec(text) ?? []
  const address = (bracketed ?? plain ?? '').toLowerCase()
  if (isIP(address) === 0 || isIPv6(address) !== (bracketed !== undefined)) return null
  const number = Number(port)
  return number > 0 && number < 65_536 ? { address, port: number } : null
}

function parsePlace(text: string): NamedSource<SensorDetails> | null {
  const place = parseSensorPlace(text)
  if (place === null) return null
  const name = placeText(place)
  return { id: `sensor:${name}`, title: `Sensor at ${name}`, place, ssh: null }
}

function parseSsh(found: RegExpExecArray | null): NamedSource<SensorDetails> | null {
  const named = found === null ? null : parseRouterName(found[1])
  if (found === null || named === null || !isInterfaceName(found[2])) return null
  const name = `${routerName(named)}/${found[2]}`
  return {
    id: `sensor:ssh:${name}`,
    title: `Sensor on ${routerName(named)} (${found[2]})`,
    place: null,
    ssh: { ...named, interfaceName: found[2] },
  }
}
