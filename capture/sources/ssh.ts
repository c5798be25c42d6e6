// Source kind ssh: the router's own tcpdump captures, and ssh brings the packets here.
import { openChild } from './child-stream.ts'
import type { NamedSource, PacketSourceDefinition } from './definition.ts'
import { isInterfaceName } from './interfaces.ts'
import { RestartingSource } from './restarting-source.ts'
import type { PacketSource, SourceEvents } from './source.ts'

export interface RouterAddress {
  /** Name or address of the router, perhaps with "user@" in front. */
  host: string
  port?: number
  /** The router's interface, such as br-lan. */
  interfaceName: string
  /** Path of the private key; else ssh's own choice. */
  identityFile?: string
  /** More options for ssh, for tests. */
  sshOptions?: string[]
}

/**
 * What runs on the router, in plain POSIX sh (BusyBox has no more). The filter leaves out exactly this connection, as
 * the router sees it, plain or VLAN-tagged: without it each packet sent here would be captured and sent once more.
 * Each line on stdin asks for the drop counters; the end of stdin ends tcpdump, so that a broken connection leaves
 * none behind.
 */
export function routerScript(interfaceName: string): string {
  return [
    `i=${quoted(interfaceName)}`,
    'set -- $SSH_CONNECTION',
    "[ $# -eq 4 ] || { echo 'telltale: the router does not tell its SSH_CONNECTION' >&2; exit 90; }",
    "command -v tcpdump >/dev/null 2>&1 || { echo 'telltale: no tcpdump' >&2; exit 91; }",
    'a=${1%%%*} b=${3%%%*}; a=${a#::ffff:} b=${b#::ffff:}',
    'c="tcp and ((src host $a and src port $2 and dst host $b and dst port $4) or (src host $b and src port $4 and dst host $a and dst port $2))"',
    'f="not ($c)"',
    'tcpdump -i "$i" -d "not (($c) or (vlan and $c))" >/dev/null 2>&1 && f="not (($c) or (vlan and $c))"',
    'exec 3<&0',
    'tcpdump -i "$i" -n -U --immediate-mode -s 1600 -B 4096 -w - "$f" </dev/null 3<&- & p=$!',
    '(while read -r x <&3; do kill -USR1 $p; done; kill $p) >/dev/null 2>&1 & r=$!',
    // Once tcpdump has ended, its number may be another process's.
    'wait $p; s=$?',
    'kill $r 2>/dev/null; exit $s',
  ].join('\n')
}

/** Options of ssh: keys only, the host key checked, a dead connection noticed within 10 s. */
export function sshOptions(router: RouterAddress, script = routerScript(router.interfaceName)): string[] {
  const { host, port, identityFile, sshOptions: more = [] } = router
  return [
    '-T',
    '-x',
    '-a',
    '-o',
    'BatchMode=yes',
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    'ConnectTimeout=10',
    '-o',
    'ServerAliveInterval=5',
    '-o',
    'ServerAliveCountMax=2',
    '-o',
    'ControlMaster=no',
    '-o',
    'ControlPath=none',
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
  const child = {
    command,
    options: sshOptions(router),
    askForDrops: (running: { stdin: NodeJS.WritableStream | null }) => void running.stdin?.write('\n'),
    explain: (words: string, code: number | null, error: NodeJS.ErrnoException | null) =>
      explainSsh(router, words, code, error),
  }
  const quiet = (seconds: number): string =>
    `No packets from ${router.interfaceName} of ${router.host} for ${seconds} s. Is it the interface that your devices are behind (br-lan on OpenWrt)?`
  return new RestartingSource((stream) => openChild(child, stream), events, quiet)
}

/** What ssh's or the router's last words mean for the householder. */
export function explainSsh(
  { host, interfaceName }: RouterAddress,
  words: string,
  code: number | null,
  error: NodeJS.ErrnoException | null,
): string {
  if (error?.code === 'ENOENT')
    return 'ssh is not installed on this machine. Install it, such as with: sudo apt install openssh-client'
  if (error?.code === 'EMFILE' || error?.code === 'ENFILE')
    return 'ssh cannot start: too many files are open on this machine or in Telltale (ulimit -n). It is tried again.'
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION|host key is known/i.test(words)) {
    return `The host key of ${host} is not known, or has changed. Connect once by hand as Telltale's user and compare the key: ssh ${host}`
  }
  if (/Permission denied/i.test(words))
    return `${host} does not accept Telltale's key. Put its public key into the router's authorized keys (OpenWrt: System › Administration › SSH-Keys).`
  if (/Could not resolve|Name or service not known/i.test(words))
    return `The name ${host} is not known here. Write the router's address instead.`
  if (/refused|timed out|No route|unreachable|closed by|reset by|Broken pipe/i.test(words))
    return `${host} cannot be reached over ssh (${words}). It is tried again.`
  if (code === 91)
    return `There is no tcpdump on ${host}. Install it there (OpenWrt: opkg install tcpdump-mini, or apk add tcpdump-mini).`
  if (code === 90)
    return `${host} does not tell its end of the ssh connection (SSH_CONNECTION), so that capturing would feed on itself.`
  if (/No such device|disappeared|not up|network is down/i.test(words))
    return `There is no interface ${interfaceName} on ${host} that is up (${words}). Capture begins as soon as there is.`
  return `Capture on ${host} stopped (${words === '' ? 'the connection ended' : words}). It is started again.`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

export const source: PacketSourceDefinition<'ssh', { router: RouterAddress }, 'routers'> = {
  kind: 'ssh',
  delivers: 'packets',
  setting: {
    field: 'routers',
    title: 'Routers over ssh',
    description:
      'Written like "root@192.168.1.1 br-lan": the router needs tcpdump, this machine a key for it and its host key.',
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

/** Host and interface, with a space or a slash between. */
function parseRouter(text: string): NamedSource<{ router: RouterAddress }> | null {
  const found = /^((?:[\w.-]{1,64}@)?[\w][\w.:%-]{0,254})[ /]([\w.:@+][\w.:@+-]{0,14})$/.exec(text)
  if (found === null) return null
  const [, host = '', interfaceName = ''] = found
  return { id: `ssh:${host}/${interfaceName}`, title: `${interfaceName} on ${host}`, router: { host, interfaceName } }
}
