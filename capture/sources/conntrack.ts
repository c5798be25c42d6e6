// Source kind conntrack: what a Linux gateway counts of its connections, and names from the first packets of each.
import { ConnectionReader } from '../connections/connection-reader.ts'
import { CONNECTIONS_SCRIPT, NO_TABLE, NOT_FOLLOWED } from '../connections/connections-script.mjs'
import { openChild } from './child-stream.ts'
import { LookTimer, openConnections } from './connection-stream.ts'
import type { NamedSource, PacketSourceDefinition } from './definition.ts'
import { namesRule } from './names-rule.ts'
import { type OpenStream, RestartingSource } from './restarting-source.ts'
import type { PacketSource, SourceCounts, SourceEvents } from './source.ts'
import { type RouterAddress, SSH_ENVIRONMENT, sshOptions } from './ssh.ts'
import { parseRouterName, routerName } from './ssh-address.ts'
import { explainSsh } from './ssh-words.ts'
import { openTcpdump } from './tcpdump.ts'

/** Netlink's groups have 16 bits. */
const MAX_GROUP = 65_535
/** After so many connections without a packet of any the rule is not there. */
const SILENT_CONNECTIONS = 20

export interface ConntrackPlace {
  /** The gateway's name or address, perhaps with "user@" in front; null: this machine. */
  host: string | null
  /** The port of its ssh server, where it is another one. */
  port?: number
  /** The group of NFLOG that the first packets of connections go to; null: none do. */
  group: number | null
  /** More options for ssh, for tests. */
  sshOptions?: string[]
}

/** `commands` stand in for the shell and for ssh in tests. */
export function conntrackSource(
  place: ConntrackPlace,
  events: SourceEvents,
  commands: { shell?: string; ssh?: string; tcpdump?: string } = {},
): PacketSource {
  const { shell = 'sh', ssh = 'ssh', tcpdump = 'tcpdump' } = commands
  const { host, group } = place
  const connections = openHere(place, host === null ? shell : ssh)
  if (group === null) return new ConntrackSource(place, events, connections, null)
  const names: OpenStream =
    host === null
      ? (stream) => openTcpdump(`nflog:${group}`, stream, tcpdump)
      : (stream) =>
          openChild(
            {
              command: ssh,
              options: sshOptions(routerOf(place), namesScript(group)),
              askForDrops: () => {},
              environment: SSH_ENVIRONMENT,
              explain: (words, code, error, said) => explainSsh(routerOf(place), { words, said, code, error }),
            },
            stream,
          )
  return new ConntrackSource(place, events, connections, names)
}

type OpenConnections = (timer: LookTimer) => OpenStream

function openHere(place: ConntrackPlace, command: string): OpenConnections {
  const options = place.host === null ? ['-c', CONNECTIONS_SCRIPT] : sshOptions(routerOf(place), CONNECTIONS_SCRIPT)
  return (timer) => (stream) =>
    openConnections(
      { command, options, explain: (words, code, error, said) => explainConntrack(place, words, code, error, said) },
      timer,
      stream,
    )
}

/** The end of the input ends tcpdump, so that a broken connection leaves none behind. */
function namesScript(group: number): string {
  return [
    'PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"',
    "command -v tcpdump >/dev/null 2>&1 || { echo 'telltale: no tcpdump' >&2; exit 91; }",
    'exec 3<&0',
    `tcpdump -i nflog:${group} -n -U -s 1600 -w - </dev/null 3<&- & p=$!`,
    '(while read -r x <&3; do :; done; kill $p) >/dev/null 2>&1 & r=$!',
    'wait $p; s=$?',
    'kill $r 2>/dev/null; exit $s',
  ].join('\n')
}

function routerOf({ host, port, sshOptions: more, group }: ConntrackPlace): RouterAddress {
  return {
    host: host ?? '',
    interfaceName: `nflog:${group}`,
    ...(port === undefined ? {} : { port }),
    ...(more === undefined ? {} : { sshOptions: more }),
  }
}

/** Connections, and beside them the packets that give names: each is restarted for itself. */
class ConntrackSource implements PacketSource {
  private readonly place: ConntrackPlace
  private readonly timer = new LookTimer()
  private readonly main: RestartingSource
  private readonly names: RestartingSource | null
  private reader: ConnectionReader | null = null
  /** Connections that had begun when the last packet with names came. */
  private begunBefore = 0
  private namesBefore = 0

  constructor(place: ConntrackPlace, events: SourceEvents, open: OpenConnections, names: OpenStream | null) {
    const { connections: target, openNames } = events
    if (target === undefined || openNames === undefined) throw new Error('connections have nowhere to go')
    this.place = place
    let onFlushed: (at: number) => void = () => {}
    const openReader = (): ConnectionReader => {
      this.begunBefore = 0
      this.reader = new ConnectionReader(target, {
        onStranger: () => this.timer.askNeighbours(),
        onLook: (connections) => {
          onFlushed(Date.now() / 1000)
          this.timer.answered(connections)
        },
      })
      return this.reader
    }
    const openStream = open(this.timer)
    const withFlushes: OpenStream = (stream) => {
      onFlushed = (at) => stream.onFlushed?.(at)
      return openStream(stream)
    }
    this.main = new RestartingSource(withFlushes, { ...events, openReader }, (seconds) => quietSentence(place, seconds))
    this.names =
      names === null ? null : new RestartingSource(names, { openReader: openNames, ...onlyChange(events) }, () => null)
  }

  start(): void {
    this.main.start()
    this.names?.start()
  }

  async stop(): Promise<void> {
    await Promise.all([this.main.stop(), this.names?.stop()])
  }

  setWatched(isWatched: boolean): void {
    this.names?.setWatched(isWatched)
  }

  status(): SourceCounts {
    const status = this.main.status()
    if (status.problem !== null || status.state !== 'running' || this.names === null) return status
    return { ...status, problem: this.problemOfNames() }
  }

  private problemOfNames(): string | null {
    const { state, packets, problem } = (this.names as RestartingSource).status()
    if (state === 'failed') return `Names are not read: ${problem}`
    const begun = this.reader?.counts.begun ?? 0
    if (packets !== this.namesBefore) {
      this.namesBefore = packets
      this.begunBefore = begun
    }
    if (begun - this.begunBefore < SILENT_CONNECTIONS) return null
    const { group } = this.place
    return `No packet comes by NFLOG group ${group}, so connections have no names but those of a DNS log. The gateway's firewall needs this rule, which Telltale does not set: ${namesRule(group ?? 0)}`
  }
}

function onlyChange({ onChange }: SourceEvents): Pick<SourceEvents, 'onChange'> {
  return onChange === undefined ? {} : { onChange }
}

function whereOf({ host }: ConntrackPlace): string {
  return host ?? 'this machine'
}

function quietSentence(place: ConntrackPlace, seconds: number): string {
  return `No connection through ${whereOf(place)} moved a byte for ${seconds} s. Is it the gateway of your devices?`
}

/** What the script's last words mean for the householder. */
export function explainConntrack(
  place: ConntrackPlace,
  words: string,
  code: number | null,
  error: NodeJS.ErrnoException | null,
  said: readonly string[] = [],
): string {
  const where = whereOf(place)
  if (code === NOT_FOLLOWED)
    return `Linux follows no connections on ${where}: it does so once a firewall or address translation is set up. Is it the gateway of your devices?`
  if (code === NO_TABLE)
    return `Nothing tells the connections of ${where}. Install the program conntrack there (apt install conntrack, or opkg install conntrack).`
  if (/must be root|CAP_NET_ADMIN|not permitted|permission denied/i.test(words) && !/publickey|password/i.test(words))
    return place.host === null
      ? 'Telltale may not read the connections of this machine: that takes CAP_NET_ADMIN. Install the service (sudo telltale service install --conntrack), or start it with sudo.'
      : `The user on ${where} may not read its connections. Name one that may, such as root@${where.replace(/^.*@/, '')}.`
  if (place.host !== null && code !== 0) return explainSsh(routerOf(place), { words, said, code, error })
  const last = words === '' ? (code === null ? 'the program was killed' : `it ended with code ${code}`) : words
  return `The connections of ${where} are not read any more (${last}). It is started again.`
}

export const source: PacketSourceDefinition<'conntrack', { place: ConntrackPlace }, 'gateways'> = {
  kind: 'conntrack',
  delivers: 'packets',
  counts: 'connections',
  setting: {
    field: 'gateways',
    title: 'Connections of a Linux gateway',
    description:
      'Written like "here" (this machine is the gateway) or "root@192.168.1.1" (over ssh); "here names=5" also takes names from packets that its firewall logs to NFLOG group 5.',
    maxItems: 4,
    format: 'gateway',
    wanted: 'gateways, written like "here", "root@192.168.1.1" or "root@192.168.1.1 names=5"',
    add: {
      title: 'Connections of a Linux gateway (conntrack)',
      example: 'root@192.168.1.1 names=5',
      hint: `Exact bytes for little work. The gateway has to count them (sysctl net.netfilter.nf_conntrack_acct=1). For names it needs a rule that Telltale does not set: ${namesRule(5)}`,
    },
  },
  argument: 'conntrack:root@192.168.1.1',
  readme: {
    what: 'the connections of a Linux gateway (conntrack), exact bytes',
    argument: '`conntrack`, `conntrack:names=5`, `conntrack:root@192.168.1.1,names=5`',
    needs:
      '`nf_conntrack_acct=1` on the gateway, and root there (or the service installed with `--conntrack`); for names a rule of its firewall',
  },
  parseLine: (line) => {
    const [where = '', ...options] = line.split(' ')
    return named(where === 'here' ? '' : where, options, where !== '')
  },
  parseArgument: (text) => {
    const found = /^conntrack(?::(.+))?$/.exec(text)
    if (found === null) return null
    const [where = '', ...options] = (found[1] ?? '').split(',')
    return where.startsWith('names=') ? named('', [where, ...options], true) : named(where, options, true)
  },
  open: ({ place }, events) => conntrackSource(place, events),
}

function named(host: string, options: string[], isNamed: boolean): NamedSource<{ place: ConntrackPlace }> | null {
  const [option, ...more] = options
  const group = option === undefined ? null : /^names=(\d{1,5})$/.exec(option)?.[1]
  if (!isNamed || more.length > 0 || group === undefined || Number(group) > MAX_GROUP) return null
  const router = host === '' ? null : parseRouterName(host)
  if (host !== '' && router === null) return null
  const place: ConntrackPlace = {
    ...(router ?? { host: null }),
    group: group === null ? null : Number(group),
  }
  const title = `Connections of ${whereOf(place)}`
  return { id: `conntrack:${router === null ? 'here' : routerName(router)}`, title, place }
}
