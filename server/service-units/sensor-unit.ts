// The systemd unit of a sensor: captures for Telltales on other machines. No history, no page; its key is its state.
import {
  CAPTURE_USER,
  connected,
  hardening,
  SENSOR_UNIT_PATH,
  type ServiceOptions,
  supervision,
  type UnitFile,
  unitFiles,
  USER,
  USERS_PATH,
} from './units.ts'

export const SENSOR_STATE_FOLDER = '/var/lib/telltale-sensor'
export const SENSOR_KEY_PATH = `${SENSOR_STATE_FOLDER}/key`

export interface SensorUnitOptions extends ServiceOptions {
  interfaceName: string
  /** Checked already: "192.168.1.7:7443", and addresses. */
  listen: string
  peers: readonly string[]
}

/** All that is written, by path. Throws where a path cannot stand in a unit. */
export function sensorUnitFiles(options: SensorUnitOptions): UnitFile[] {
  const users = unitFiles(options).filter(({ path }) => path === USERS_PATH)
  return [...users, { path: SENSOR_UNIT_PATH, text: sensorUnit(options) }]
}

function sensorUnit(options: SensorUnitOptions): string {
  const { node, program, interfaceName, listen, peers } = options
  const named = peers.map((peer) => `--for ${peer}`).join(' ')
  const command = `${node} --jitless ${program} sensor --interface ${interfaceName} --listen ${listen} ${named} --key ${SENSOR_KEY_PATH}`
  return `# Written by "telltale service install --sensor". Captures for a Telltale on another machine, which has the key.
[Unit]
Description=Telltale: sensor on ${interfaceName}
Wants=network-online.target
After=network-online.target
# Whatever happens, it is tried again.
StartLimitIntervalSec=0

[Service]
${supervision(options)}
ExecStart=${connected(command, options)}
User=${CAPTURE_USER}
Group=${USER}
UMask=0077
StateDirectory=telltale-sensor
StateDirectoryMode=0700
Restart=always
RestartSec=1
MemoryMax=256M
# The one right that capturing needs. In a user namespace it would not count for the interface.
AmbientCapabilities=CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_RAW
PrivateUsers=no
RestrictAddressFamilies=AF_UNIX AF_PACKET AF_INET AF_INET6
# The kernel lets nobody else reach it.
IPAddressDeny=any
IPAddressAllow=${peers.join(' ')}
# Without a just-in-time compiler (--jitless) no memory has to be both written and run.
MemoryDenyWriteExecute=yes
ProcSubset=pid
${hardening(options)}
[Install]
WantedBy=multi-user.target
`
}
