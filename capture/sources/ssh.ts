// Source kind ssh: the router's own tcpdump captures, and ssh brings the packets here.
import { forgetEnds, noteEnds, notedEnds } from './capture-ends.ts'
import { type ChildOptions, openChild } from './child-stream.ts'
import type { NamedSource, PacketSourceDefinition } from './definition.ts'
import { isInterfaceName } from './interfaces.ts'
import { farEndsOf } from './own-connections.ts'
import { type OpenStream, RestartingSource } from './restarting-source.ts'
import type { PacketSource, SourceEvents } from './source.ts'
import { parseRouterName, routerName } from './ssh-address.ts'
import { READY, routerScript, streamEnds } from './ssh-script.ts'
import { explainSsh } from './ssh-words.ts'

export interface RouterAddress {
  /** Name or address of the router or an alias of ssh's configuration, perhaps with "user@" in front. */
  host: string
  port?: number
  /** The router's interface, such as br-lan. */
  interfaceName: string
  /** Path of the private key; else ssh's own choice. */
  identityFile?: string
  /** More options for ssh, for tests. */
  sshOptions?: string[]
}

/** Exit status of ssh itself: the link was lost, or there never was one. */
const SSH_FAILED = 255
/** With the time that a connection may take, it is back within 5 s of the router. */
const LONGEST_WAIT_MS = 2_000

/** What every use of ssh has: keys only, the host key checked, a dead connection noticed within 8 s. */
export const SSH_OPTIONS: readonly string[] = [
  '-T',
  '-x',
  '-a',
  '-o',
  'BatchMode=yes',
  '-o',
  'StrictHostKeyChecking=yes',
  '-o',
  'ConnectTimeout=5',
  '-o',
  'ServerAliveInterval=2',
  '-o',
  'ServerAliveCountMax=3',
  '-o',
  'ControlMaster=no',
  '-o',
  'ControlPath=none',
]

/** Jump hosts are reached through a shell, and the user of a service has none. */
export const SSH_ENVIRONMENT: NodeJS.ProcessEnv = { SHELL: '/bin/sh', LC_ALL: 'C' }

export function sshOptions(router: RouterAddress, script = routerScript(router.interfaceName)): string[] {
  const { host, port, identityFile, sshOptions: more = [] } = router
  return [
    ...SSH_OPTIONS,
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(identityFile === undefined ? [] : ['-i', identityFile, '-o', 'IdentitiesOnly=yes']),
    ...more,
    '--',
    host,
    script,
  ]
}

/** Captures on a router. Throws where host, port or interface are none. */
export function sshSource(router: RouterAddress, events: SourceEvents, command = 'ssh'): PacketSource {
  if (!/^(?:[\w.-]{1,64}@)?[\w.:%-]{1,255}$/.test(router.host) || router.host.startsWith('-'))
    throw new Error(`"${router.host}" is no name of a router: write it like root@192.168.1.1`)
  if (!isInterfaceName(router.interfaceName)) throw new Error(`"${router.interfaceName}" is no name of an interface`)
  if (router.port !== undefined && !(Number.isInteger(router.port) && router.port > 0 && router.port < 65_536))
    throw new Error(`${router.port} is no port`)
  const owner = {}
  const child: ChildOptions = {
    command,
    options: sshOptions(router),
    environment: SSH_ENVIRONMENT,
    askForDrops: (running) => void running.stdin?.write('\n'),
    onLine: (line, running) => {
      if (line !== READY) return false
      noteEnds(owner, running.pid === undefined ? [] : farEndsOf(running.pid))
      running.stdin?.write(`${streamEnds(notedEnds())}\n`)
      return true
    },
    isLostLink: (code) => code === SSH_FAILED,
    explain: (words, code, error, said) => explainSsh(router, { words, said, code, error }),
  }
  const quiet = (seconds: number): string =>
    `No packets from ${router.interfaceName} of ${router.host} for ${seconds} s. Is it the interface that your devices are behind (br-lan on OpenWrt)?`
  const open: OpenStream = (stream) => {
    const onEnd = (problem: string, aliveUntil?: number): void => {
      forgetEnds(owner)
      stream.onEnd(problem, aliveUntil)
    }
    return openChild(child, { ...stream, onEnd })
  }
  return new RestartingSource(open, events, quiet, { longestWaitMs: LONGEST_WAIT_MS })
}

export const source: PacketSourceDefinition<'ssh', { router: RouterAddress }, 'routers'> = {
  kind: 'ssh',
  delivers: 'packets',
  setting: {
    field: 'routers',
    title: 'Routers over ssh',
    description:
      'Written like "root@192.168.1.1 br-lan", with another port "root@192.168.1.1:2222 br-lan": the router needs tcpdump, this machine a key for it and its host key.',
    maxItems: 4,
    format: 'router',
    wanted: 'routers with their interface, written like "root@192.168.1.1 br-lan"',
    add: {
      title: 'A router over ssh',
      example: 'root@192.168.1.1 br-lan',
      hint: 'The router and its interface, with a space between. It needs tcpdump; this machine needs a key for it and has to know its host key.',
    },
  },
  argument: 'ssh:root@192.168.1.1/br-lan',
  readme: {
    what: 'a router over ssh',
    argument: '`ssh:root@192.168.1.1/br-lan`',
    needs: 'a key for the router, its host key known, tcpdump on it',
  },
  parseLine: parseRouter,
  parseArgument: (text) => (text.startsWith('ssh:') ? parseRouter(text.slice(4)) : null),
  open: ({ router }, events) => sshSource(router, events),
}

/** Router and interface, with a space or a slash between. */
function parseRouter(text: string): NamedSource<{ router: RouterAddress }> | null {
  const found = /^(\S{1,340})[ /]([\w.:@+][\w.:@+-]{0,14})$/.exec(text)
  const named = found === null ? null : parseRouterName(found[1])
  if (found === null || named === null) return null
  const interfaceName = found[2]
  const name = routerName(named)
  return {
    id: `ssh:${name}/${interfaceName}`,
    title: `${interfaceName} on ${name}`,
    router: { ...named, interfaceName },
  }
}
