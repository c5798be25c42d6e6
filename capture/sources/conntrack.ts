// Source kind conntrack: what a Linux gateway counts of its connections, and names from the first packets of each.
import { ConnectionReader } from '../connections/connection-reader.ts'
import { ASK_CONNECTION_TABLE, CONNECTIONS_SCRIPT, NO_TABLE, NOT_FOLLOWED } from '../connections/connections-script.mjs'
import { openSocket } from './capture-socket.ts'
import { type ChildOptions, openChild } from './child-stream.ts'
import { CONNECTIONS_SOCKET, NAMES_SOCKET, openConnectionSocket } from './connection-socket.ts'
import { type ConnectionChild, type ConnectionRun, LookTimer, openConnections, withLooks } from './connection-stream.ts'
import { isAbsolute, join } from 'node:path'
import type { NamedSource, PacketSourceDefinition } from './definition.ts'
import { helperSocket } from './helped-child.ts'
import { namesRule } from './names-rule.ts'
import { type OpenStream, RestartingSource, type StreamEvents } from './restarting-source.ts'
import type { PacketSource, SourceCounts, SourceEvents } from './source.ts'
import { type RouterAddress, SSH_ENVIRONMENT, sshOptions } from './ssh.ts'
import { parseRouterName, routerName } from './ssh-address.ts'
import { explainSsh } from './ssh-words.ts'
import { openTcpdump } from './tcpdump.ts'

/** Netlink's groups have 16 bits. */
const MAX_GROUP = 65_535
/** After so many connections without a packet of any the rule is not there. */
const SILENT_CONNECTIONS = 20
/** This machine, where a line says it. */
const HERE = 'here'

export interface ConntrackPlace {
  /** The gateway's name or address, perhaps with "user@" in front; null: this machine. */
  host: string | null
  /** The port of its ssh server, where it is another one. */
  port?: number
  /** The group of NFLOG that the first packets of connections go to; null: none do. */
  group: number | null
  /** Where the service's own unit has its sockets; absent: there is none. */
  folder?: string
  /** More options for ssh, for tests. */
  sshOptions?: string[]
}

/** `commands` stand in for the shell, ssh and tcpdump in tests. */
export function conntrackSource(place: ConntrackPlace, events: SourceEvents, commands: Commands = {}): PacketSource {
  const timer = new LookTimer()
  const connections = withLooks(timer, openerOf(place, commands))
  return new ConntrackSource(place, events, timer, connections, namesOf(place, commands))
}

interface Commands {
  shell?: string
  ssh?: string
  tcpdump?: string
}

function openerOf(place: ConntrackPlace, { shell, ssh = 'ssh' }: Commands): (events: StreamEvents) => ConnectionRun {
  const explain: ConnectionChild['explain'] = (words, code, error, said) =>
    explainConntrack(place, words, code, error, said)
  const { host, folder = null } = place
  if (folder !== null)
    return (stream) => openConnectionSocket(join(folder, CONNECTIONS_SOCKET), { first: null, explain }, stream)
  if (host !== null)
    return (stream) =>
      openConnections({ command: ssh, options: sshOptions(routerOf(place), CONNECTIONS_SCRIPT), explain }, stream)
  const helper = shell === undefined ? helperSocket() : null
  if (helper !== null) return (stream) => openConnectionSocket(helper, { first: ASK_CONNECTION_TABLE, explain }, stream)
  return (stream) => openConnections({ command: shell ?? 'sh', options: ['-c', CONNECTIONS_SCRIPT], explain }, stream)
}

/** Null where no packets are logged. */
function namesOf(place: ConntrackPlace, { ssh = 'ssh', tcpdump = 'tcpdump' }: Commands): OpenStream | null {
  const { host, group, folder = null } = place
  if (group === null) return null
  if (folder !== null) return (stream) => openSocket(join(folder, NAMES_SOCKET), stream)
  if (host === null) return (stream) => openTcpdump(`nflog:${group}`, stream, tcpdump)
  const child: ChildOptions = {
    command: ssh,
    options: sshOptions(routerOf(place), namesScript(group)),
    askForDrops: () => {},
    environment: SSH_ENVIRONMENT,
    explain: (words, code, error, said) => explainSsh(routerOf(place), { words, said, code, error }),
  }
  return (stream) => openChild(child, stream)
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
  private readonly timer: LookTimer
  private readonly main: RestartingSource
  private readonly names: RestartingSource | null
  private reader: ConnectionReader | null = null
  /** Connections that had begun when the last packet with names came. */
  private begunBefore = 0
  private namesBefore = 0

  constructor(
    place: ConntrackPlace,
    events: SourceEvents,
    timer: LookTimer,
    open: OpenStream,
    names: OpenStream | null,
  ) {
    const { connections: target, openNames } = events
    if (target === undefined || openNames === undefined) throw new Error('connections have nowhere to go')
    this.place = place
    this.timer = timer
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
    const withFlushes: OpenStream = (stream) => {
      onFlushed = (at) => stream.onFlushed?.(at)
      return open(stream)
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
    if (state === 'failed') return `Names are not read: ${namesSentence(this.place, problem ?? '')}`
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

/** Each group has one reader, and says no more to a second one than to somebody without rights. */
function namesSentence({ group }: ConntrackPlace, problem: string): string {
  return /may not capture/.test(problem)
    ? `NFLOG group ${group} is read by another program, or Telltale may not read it. Choose another group, in the firewall's rule as well.`
    : problem
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
    argument: '`conntrack:here,names=5`, `conntrack:root@192.168.1.1,names=5`',
    needs:
      '`nf_conntrack_acct=1` on the gateway, and root there (or the service installed with `--conntrack`); for names a rule of its firewall ([limits](#limits-of-conntrack))',
  },
  parseLine: (line) => {
    const [where = '', ...options] = line.split(' ')
    return isAbsolute(where) ? null : named(where, options, where !== '')
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
  const isHere = host === '' || host === HERE || isAbsolute(host)
  const router = isHere ? null : parseRouterName(host)
  if (!isHere && router === null) return null
  const place: ConntrackPlace = {
    ...(router ?? { host: null }),
    group: group === null ? null : Number(group),
    ...(isAbsolute(host) ? { folder: host } : {}),
  }
  const title = `Connections of ${whereOf(place)}`
  return { id: `conntrack:${router === null ? HERE : routerName(router)}`, title, place }
}
