// The systemd units. Capture, connections and web are services of their own: those that may see have no disk and no
// network.

export interface ServiceOptions {
  /** Absolute path of node, and of the command line's file (dist/cli.js). */
  node: string
  program: string
  /** Null where nothing is captured on this machine: a router or another box sends what it sees. */
  interfaceName: string | null
  /** This machine's connections are a source, with names from this group of NFLOG; absent: they are none. */
  conntrack?: { group: number | null }
  /** Whether the home's network may open the dashboard. */
  lan: boolean
  port: number | null
  /** Whether alerts may leave the home (mail, ntfy): without, the kernel lets nothing out but to private addresses. */
  notifyOutside: boolean
  /** Groups that may read the logs of a resolver, such as adm or pihole. */
  logGroups: string[]
  /** What connects the services to systemd, so that they report that they are alive; null: only their end counts. */
  connector: Connector | null
}

/** An interpreter that the machine has, by its absolute path. */
export interface Connector {
  language: 'perl' | 'python3'
  path: string
}

export interface UnitFile {
  path: string
  text: string
}

export const USER = 'telltale'
export const CAPTURE_USER = 'telltale-capture'
export const SOCKET_PATH = '/run/telltale-capture/packets.sock'
export const STATE_FOLDER = '/var/lib/telltale'
export const CONNTRACK_FOLDER = '/run/telltale-conntrack'
export const CONNTRACK_USER = 'telltale-conntrack'
export const CONNTRACK_UNIT = 'telltale-conntrack.service'
export const CAPTURE_UNIT = 'telltale-capture.service'
export const WEB_UNIT = 'telltale.service'
export const SENSOR_UNIT = 'telltale-sensor.service'

export const USERS_PATH = '/etc/sysusers.d/telltale.conf'
export const CAPTURE_PATH = `/etc/systemd/system/${CAPTURE_UNIT}`
export const CONNTRACK_PATH = `/etc/systemd/system/${CONNTRACK_UNIT}`
const WEB_PATH = `/etc/systemd/system/${WEB_UNIT}`
export const SENSOR_UNIT_PATH = `/etc/systemd/system/${SENSOR_UNIT}`
/** Every file that installing may write. */
export const UNIT_PATHS: readonly string[] = [USERS_PATH, CAPTURE_PATH, CONNTRACK_PATH, WEB_PATH, SENSOR_UNIT_PATH]

/** Addresses at home: RFC 1918, RFC 3927, RFC 4193, RFC 4291, and their groups. */
const HOME_ADDRESSES = 'localhost link-local multicast 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7'

/** All that is written, by path. Throws where a path cannot stand in a unit. */
export function unitFiles(options: ServiceOptions): UnitFile[] {
  for (const path of [options.node, options.program, ...(options.connector === null ? [] : [options.connector.path])]) {
    if (!/^\/[^\s"'\\%$;\p{Cc}]+$/u.test(path))
      throw new Error(`"${path}" cannot stand in a unit: it has to be an absolute path without spaces and quotes`)
  }
  for (const group of options.logGroups)
    if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(group)) throw new Error(`"${group}" is no name of a group`)
  return [
    { path: USERS_PATH, text: usersText(options) },
    ...(options.interfaceName === null
      ? []
      : [{ path: CAPTURE_PATH, text: captureUnit(options, options.interfaceName) }]),
    ...(options.conntrack === undefined
      ? []
      : [{ path: CONNTRACK_PATH, text: conntrackUnit(options, options.conntrack.group) }]),
    { path: WEB_PATH, text: webUnit(options) },
  ]
}

function usersText({ conntrack }: ServiceOptions): string {
  return `# Users of Telltale: the one that captures, and the one that keeps the traffic history.
g ${USER} -
u ${USER} -:${USER} "Telltale" ${STATE_FOLDER}
u ${CAPTURE_USER} -:${USER} "Telltale capture"
${conntrack === undefined ? '' : `u ${CONNTRACK_USER} -:${USER} "Telltale connections"\n`}`
}

function captureUnit(options: ServiceOptions, interfaceName: string): string {
  const command = `${options.node} --jitless ${options.program} capture --interface ${interfaceName} --socket ${SOCKET_PATH}`
  return `# Written by "telltale service install". Captures, and hands packets to ${WEB_UNIT}: no disk, no network of its own.
[Unit]
Description=Telltale: capture on ${interfaceName}
# Whatever happens, it is tried again.
StartLimitIntervalSec=0

[Service]
${supervision(options)}
ExecStart=${connected(command, options)}
User=${CAPTURE_USER}
Group=${USER}
UMask=0117
RuntimeDirectory=telltale-capture
RuntimeDirectoryMode=0750
Restart=always
RestartSec=1
MemoryMax=256M
# The one right that capturing needs. In a user namespace it would not count for the interface.
AmbientCapabilities=CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_RAW
PrivateUsers=no
RestrictAddressFamilies=AF_UNIX AF_PACKET
IPAddressDeny=any
# Without a just-in-time compiler (--jitless) no memory has to be both written and run.
MemoryDenyWriteExecute=yes
ProcSubset=pid
${hardening(options)}
[Install]
WantedBy=multi-user.target
`
}

/** Reads what the kernel counts of connections. */
function conntrackUnit(options: ServiceOptions, group: number | null): string {
  const names = group === null ? '' : ` --names ${group}`
  const command = `${options.node} --jitless ${options.program} connections --folder ${CONNTRACK_FOLDER}${names}`
  return `# Written by "telltale service install --conntrack". Reads the connections that Linux counts, and hands them to
# ${WEB_UNIT}: no disk, no network of its own. It changes nothing.
[Unit]
Description=Telltale: connections of this machine
# Whatever happens, it is tried again.
StartLimitIntervalSec=0

[Service]
${supervision(options)}
ExecStart=${connected(command, options)}
User=${CONNTRACK_USER}
Group=${USER}
UMask=0117
RuntimeDirectory=telltale-conntrack
RuntimeDirectoryMode=0750
Restart=always
RestartSec=1
MemoryMax=256M
# The one right that the table of connections and logged packets take. In a user namespace it would not count.
AmbientCapabilities=CAP_NET_ADMIN
CapabilityBoundingSet=CAP_NET_ADMIN
PrivateUsers=no
RestrictAddressFamilies=AF_UNIX AF_NETLINK
IPAddressDeny=any
MemoryDenyWriteExecute=yes
${hardening(options)}
[Install]
WantedBy=multi-user.target
`
}

function webUnit(options: ServiceOptions): string {
  const { conntrack } = options
  const names = conntrack === undefined || conntrack.group === null ? '' : `,names=${conntrack.group}`
  const connections = conntrack === undefined ? '' : ` --source conntrack:${CONNTRACK_FOLDER}${names}`
  const port = options.port === null ? '' : ` --port ${options.port}`
  const captures = options.interfaceName !== null
  const helpers = [...(captures ? [CAPTURE_UNIT] : []), ...(conntrack === undefined ? [] : [CONNTRACK_UNIT])]
  const source = captures ? ` --source socket:${SOCKET_PATH}` : ''
  const command = `${options.node} ${options.program} serve --state ${STATE_FOLDER}${source}${connections}${port}${options.lan ? ' --lan' : ''}`
  const groups = options.logGroups.length === 0 ? '' : `SupplementaryGroups=${options.logGroups.join(' ')}\n`
  const addresses = options.notifyOutside
    ? ''
    : `# Nothing leaves the house, whatever the program does. Alerts by mail or push: install with --notify-outside.\nIPAddressDeny=any\nIPAddressAllow=${HOME_ADDRESSES}\n`
  return `# Written by "telltale service install". Keeps the traffic history and serves the dashboard: no capability at all.
[Unit]
Description=Telltale: what your smart home tells the outside world
${helpers.length === 0 ? '' : `Wants=${helpers.join(' ')}\n`}After=${['network.target', ...helpers].join(' ')}
# Whatever happens, it is tried again.
StartLimitIntervalSec=0

[Service]
${supervision(options)}
ExecStart=${connected(command, options)}
User=${USER}
Group=${USER}
${groups}UMask=0077
StateDirectory=telltale
StateDirectoryMode=0700
Restart=always
RestartSec=1
MemoryMax=1G
AmbientCapabilities=
CapabilityBoundingSet=
PrivateUsers=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
${addresses}${hardening(options)}
[Install]
WantedBy=multi-user.target
`
}

/** A service that hangs is ended and started again; killed at any moment, it loses nothing that was written down. */
export function supervision({ connector }: ServiceOptions): string {
  if (connector === null)
    return '# No perl or python3 here to connect it to systemd: if it ends it is started again, if it hangs it is not.\nType=simple'
  return `Type=notify
NotifyAccess=main
TimeoutStartSec=600
WatchdogSec=60
WatchdogSignal=SIGKILL`
}

/**
 * Node cannot open datagram sockets of the family AF_UNIX, and reports of a child (systemd-notify) would need
 * NotifyAccess=all. So another program opens the socket and becomes node, which only writes to it.
 */
const CONNECTORS: Record<Connector['language'], { options: string; script: string }> = {
  perl: {
    options: '-MSocket -e',
    script:
      '$^F=9;if(socket(S,AF_UNIX,SOCK_DGRAM,0)&&connect(S,sockaddr_un($ENV{NOTIFY_SOCKET}))){$ENV{TELLTALE_NOTIFY_FD}=fileno(S)}exec @ARGV',
  },
  python3: {
    options: '-Ic',
    script:
      'import os,socket,sys;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);s.set_inheritable(not s.connect_ex(os.environ.get("NOTIFY_SOCKET","")));os.environ.update({"TELLTALE_NOTIFY_FD":str(s.fileno())} if s.get_inheritable() else {});os.execv(sys.argv[1],sys.argv[1:])',
  },
}

export function connected(command: string, { connector }: ServiceOptions): string {
  if (connector === null) return command
  const { options, script } = CONNECTORS[connector.language]
  return `${connector.path} ${options} '${script.replaceAll('$', '$$$$')}' ${command}`
}

/** What both have in common. A program that was installed below /home stays readable, and nothing else there. */
export function hardening({ node, program }: ServiceOptions): string {
  const inHome = [node, program].filter((path) => /^\/(?:home|root)\//.test(path)).map(packageFolder)
  const home =
    inHome.length === 0 ? 'ProtectHome=yes' : `ProtectHome=tmpfs\nBindReadOnlyPaths=${[...new Set(inHome)].join(' ')}`
  return `NoNewPrivileges=yes
ProtectSystem=strict
${home}
PrivateTmp=yes
PrivateMounts=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
LockPersonality=yes
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
KeyringMode=private
# A core dump would hold what was captured.
LimitCORE=0
`
}

/** Of …/telltale/dist/cli.js the folder …/telltale, whose node_modules it needs; of …/bin/node the folder above bin. */
function packageFolder(path: string): string {
  return path.split('/').slice(0, -2).join('/')
}
