// Source kind fritzbox: a FRITZ!Box captures on one of its interfaces, and its capture page streams the packets here.
import type { PacketSourceDefinition } from './definition.ts'
import {
  type FritzboxDetails,
  type FritzboxPlace,
  parseFritzboxArgument,
  parseFritzboxLine,
} from './fritzbox/address.ts'
import { type BoxMemory, FritzboxCapture } from './fritzbox/capture.ts'
import { FritzboxClient, type LookUp } from './fritzbox/client.ts'
import { FritzboxSession } from './fritzbox/session.ts'
import { RestartingSource } from './restarting-source.ts'
import type { PacketSource, SourceCounts, SourceEvents } from './source.ts'

/** So long after the last one packets of the stream itself are reported. */
const REPORTED_FOR_MS = 600_000
/** With the log-in and the connection this stays below the 5 s that a gap may take. */
const LONGEST_WAIT_MS = 2000

export class FritzboxSource implements PacketSource {
  private readonly place: FritzboxPlace
  private readonly session: FritzboxSession
  private readonly source: RestartingSource
  private readonly memory: BoxMemory = { chosen: null, isLeft: false, wantsFilter: false, cannotFilter: false }
  private ownPackets = 0
  private ownAt = -Infinity

  constructor(place: FritzboxPlace, password: string, events: SourceEvents, lookUp?: LookUp) {
    this.place = place
    const client = new FritzboxClient(place, lookUp)
    this.session = new FritzboxSession(client, place.user, password)
    const parts = {
      place,
      client,
      session: this.session,
      memory: this.memory,
      onOwnPackets: (count: number) => this.noteOwnPackets(count),
    }
    const quiet = (seconds: number): string =>
      `No packets from ${place.interfaceName} of ${place.host} for ${seconds} s. Is it the interface that your devices are behind (lan on most boxes)?`
    this.source = new RestartingSource((stream) => new FritzboxCapture(parts, stream), events, quiet, {
      longestWaitMs: LONGEST_WAIT_MS,
    })
  }

  start(): void {
    this.source.start()
  }

  async stop(): Promise<void> {
    await this.source.stop()
    await this.session.logOut()
  }

  status(): SourceCounts {
    const status = this.source.status()
    return { ...status, problem: status.problem ?? this.ownStreamSentence() }
  }

  private noteOwnPackets(count: number): void {
    this.ownPackets += count
    this.ownAt = performance.now()
  }

  private ownStreamSentence(): string | null {
    if (!this.memory.cannotFilter || performance.now() - this.ownAt >= REPORTED_FOR_MS) return null
    const { host, interfaceName } = this.place
    return (
      `${host} captures its own stream to Telltale and sends it once more: ${this.ownPackets} packets of it were left out. ` +
      `This costs the box time; an interface that the stream does not pass would spare it, instead of ${interfaceName}.`
    )
  }
}

export const source: PacketSourceDefinition<'fritzbox', FritzboxDetails, 'fritzboxes'> = {
  kind: 'fritzbox',
  delivers: 'packets',
  setting: {
    field: 'fritzboxes',
    title: 'FRITZ!Boxes',
    description:
      'Written like "fritz.box lan", with the user in front where it is not the usual one: "anna@fritz.box lan". ' +
      'The password has a field of its own.',
    maxItems: 2,
    format: 'fritzbox',
    wanted:
      'FRITZ!Boxes at home with their interface and without a password, written like "fritz.box lan" or "anna@192.168.178.1 lan"',
    add: {
      title: 'A FRITZ!Box',
      example: 'fritz.box lan',
      hint: 'The box and its interface, with a space between. Its password is set under Settings › Sources.',
    },
  },
  secret: {
    field: 'fritzboxPassword',
    title: 'Password of the FRITZ!Box',
    description:
      'Of a user with the right "FRITZ!Box Settings". Kept in the settings file of this machine; the box is sent a proof of it, never the password.',
  },
  argument: 'fritzbox:fritz.box/lan',
  readme: {
    what: 'a FRITZ!Box',
    argument: '`fritzbox:fritz.box/lan`',
    needs: 'its password, of a user with the right “FRITZ!Box Settings” ([how](#where-to-put-it))',
  },
  parseLine: parseFritzboxLine,
  parseArgument: parseFritzboxArgument,
  open: ({ place }, events, password) => new FritzboxSource(place, password, events),
}
