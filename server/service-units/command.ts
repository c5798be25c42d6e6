// The command "service": installs Telltale as two systemd services, takes them away again, or shows what it would do.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { isInterfaceName, listInterfaces } from '../../capture/sources/interfaces.ts'
import { parseSensorPlace } from '../../capture/sources/sensor.ts'
import { checkPeers } from './sensor-command.ts'
import { sensorUnitFiles } from './sensor-unit.ts'
import { groupOf } from './connections-command.ts'
import {
  CAPTURE_PATH,
  CAPTURE_UNIT,
  CONNTRACK_PATH,
  CONNTRACK_UNIT,
  type Connector,
  SENSOR_UNIT,
  SENSOR_UNIT_PATH,
  type ServiceOptions,
  STATE_FOLDER,
  UNIT_PATHS,
  unitFiles,
  WEB_UNIT,
} from './units.ts'

const USAGE = `telltale service install [--dry-run] [--interface NAME | --no-capture] [--conntrack [--names GROUP]] [--port N] [--lan] [--notify-outside] [--log-group GROUP]…
telltale service install --sensor ADDRESS:PORT --for ADDRESS… [--interface NAME] [--dry-run]
telltale service uninstall [--dry-run]`

/** What installing does to the machine; tests pass one that only notes it. */
export interface Machine {
  isRoot: boolean
  hasSystemd: boolean
  connector: Connector | null
  interfaces: string[]
  write(path: string, text: string): void
  remove(path: string): void
  /** Whether the file is there; absent: none is. */
  has?(path: string): boolean
  /** The exit code. */
  run(command: string, options: string[]): number
  say(line: string): void
}

/** Returns the exit code: 0 done, 1 something could not be done, 2 asked wrongly. */
export async function serviceCommand(args: string[], machine: Machine = thisMachine()): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', default: false },
        interface: { type: 'string' },
        'no-capture': { type: 'boolean', default: false },
        conntrack: { type: 'boolean', default: false },
        names: { type: 'string' },
        port: { type: 'string' },
        lan: { type: 'boolean', default: false },
        'notify-outside': { type: 'boolean', default: false },
        'log-group': { type: 'string', multiple: true, default: [] },
        sensor: { type: 'string' },
        for: { type: 'string', multiple: true, default: [] },
      },
    })
    const [what, ...more] = positionals
    if ((what !== 'install' && what !== 'uninstall') || more.length > 0) throw new Error(`write one of\n${USAGE}`)
    const acting = values['dry-run'] ? rehearsal(machine) : machine
    if (!values['dry-run']) {
      if (!machine.isRoot) throw new Error(`this needs root: sudo telltale service ${what} (or look first: --dry-run)`)
      if (!machine.hasSystemd)
        throw new Error('this machine has no systemd; start "telltale serve" by what it uses instead')
    }
    if (what === 'uninstall') return uninstall(acting)
    if (values['no-capture'] && values.interface !== undefined)
      throw new Error('--no-capture and --interface exclude each other')
    if (values.names !== undefined && !values.conntrack) throw new Error('--names stands behind --conntrack')
    // Packets would count what the connections count, and more.
    const isCapturing = !values['no-capture'] && !(values.conntrack && values.interface === undefined)
    const group = values.names === undefined ? null : groupOf(values.names)
    const options: ServiceOptions = {
      node: realpathSync(process.execPath),
      program: realpathSync(process.argv[1] ?? ''),
      interfaceName: isCapturing ? interfaceOf(values.interface, machine.interfaces) : null,
      ...(values.conntrack ? { conntrack: { group } } : {}),
      lan: values.lan,
      port: portOf(values.port),
      notifyOutside: values['notify-outside'],
      logGroups: values['log-group'],
      connector: machine.connector,
    }
    const { sensor, for: peers } = values
    if (sensor !== undefined) return installSensor(options, sensorOf(sensor, peers), acting)
    if (peers.length > 0) throw new Error('--for names who may have the packets of a --sensor')
    return install(options, acting)
  } catch (error) {
    machine.say(`telltale: ${error instanceof Error ? error.message : String(error)}`)
    return 2
  }
}

function install(options: ServiceOptions, machine: Machine): number {
  const captures = options.interfaceName !== null
  const units = [
    ...(captures ? [CAPTURE_UNIT] : []),
    ...(options.conntrack === undefined ? [] : [CONNTRACK_UNIT]),
    WEB_UNIT,
  ]
  if (!captures) {
    // One of an earlier install: it would go on capturing for nobody.
    machine.run('systemctl', ['disable', '--now', CAPTURE_UNIT])
    machine.remove(CAPTURE_PATH)
  }
  if (options.conntrack === undefined && machine.has?.(CONNTRACK_PATH) === true) {
    machine.run('systemctl', ['disable', '--now', CONNTRACK_UNIT])
    machine.remove(CONNTRACK_PATH)
  }
  for (const { path, text } of unitFiles(options)) machine.write(path, text)
  const commands: [string, string[]][] = [
    ['systemd-sysusers', ['/etc/sysusers.d/telltale.conf']],
    ['systemctl', ['daemon-reload']],
    ['systemctl', ['enable', ...units]],
    ['systemctl', ['restart', ...units]],
  ]
  if (!runAll(commands, machine)) return 1
  const what = whatItDoes(options)
  machine.say(`Telltale runs as a service and ${what}. Its address stands in: journalctl -u telltale -n 20`)
  return 0
}

/** The place at which it listens, and the machines that may connect. */
function sensorOf(listen: string, peers: readonly string[]): { listen: string; peers: readonly string[] } {
  if (parseSensorPlace(listen) === null)
    throw new Error(`--sensor ${listen}: write an address of this machine and a port, such as 192.168.1.7:7443`)
  checkPeers(peers)
  return { listen, peers }
}

function installSensor(
  options: ServiceOptions,
  sensor: { listen: string; peers: readonly string[] },
  machine: Machine,
): number {
  const { interfaceName } = options
  if (interfaceName === null) throw new Error('--sensor captures: it does not go with --no-capture')
  for (const { path, text } of sensorUnitFiles({ ...options, ...sensor, interfaceName })) machine.write(path, text)
  const commands: [string, string[]][] = [
    ['systemd-sysusers', ['/etc/sysusers.d/telltale.conf']],
    ['systemctl', ['daemon-reload']],
    ['systemctl', ['enable', SENSOR_UNIT]],
    ['systemctl', ['restart', SENSOR_UNIT]],
  ]
  if (!runAll(commands, machine)) return 1
  machine.say(
    `The sensor captures on ${interfaceName} for ${sensor.peers.join(', ')}. Pair it: "sudo telltale sensor code" here shows the pairing code, "telltale sensor pair ${sensor.listen}" there takes it.`,
  )
  return 0
}

function whatItDoes({ interfaceName, conntrack }: ServiceOptions): string {
  if (interfaceName !== null) return `captures on ${interfaceName}`
  return conntrack === undefined
    ? 'captures nothing on this machine: choose a source under Settings › Sources'
    : 'reads the connections of this machine'
}

function uninstall(machine: Machine): number {
  const conntrack = machine.has?.(CONNTRACK_PATH) === true ? [CONNTRACK_UNIT] : []
  const sensor = machine.has?.(SENSOR_UNIT_PATH) === true ? [SENSOR_UNIT] : []
  // What is not running cannot be stopped, and need not.
  machine.run('systemctl', ['disable', '--now', WEB_UNIT, CAPTURE_UNIT, ...conntrack, ...sensor])
  for (const path of UNIT_PATHS) machine.remove(path)
  const isDone = runAll([['systemctl', ['daemon-reload']]], machine)
  machine.say(
    `The services are gone. What Telltale recorded is still in ${STATE_FOLDER}; delete it with: sudo rm -r ${STATE_FOLDER}`,
  )
  return isDone ? 0 : 1
}

function runAll(commands: [string, string[]][], machine: Machine): boolean {
  for (const [command, options] of commands) {
    const code = machine.run(command, options)
    if (code !== 0) {
      machine.say(`telltale: "${command} ${options.join(' ')}" failed with code ${code}`)
      return false
    }
  }
  return true
}

function interfaceOf(asked: string | undefined, interfaces: string[]): string {
  const name = asked ?? interfaces[0]
  if (name === undefined) throw new Error('no network interface is up; name one with --interface')
  if (!isInterfaceName(name)) throw new Error(`--interface ${name}: this is no name of an interface`)
  return name
}

function portOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1024 || port > 65_535)
    throw new Error(`--port ${text}: write a number from 1024 to 65535, which needs no right of its own`)
  return port
}

/** The system's own, never one that a user put into the path. */
function findConnector(): Connector | null {
  for (const language of ['perl', 'python3'] as const) {
    const path = `/usr/bin/${language}`
    if (existsSync(path)) return { language, path }
  }
  return null
}

function thisMachine(): Machine {
  return {
    isRoot: process.getuid?.() === 0,
    // sd_booted(3).
    hasSystemd: existsSync('/run/systemd/system'),
    connector: findConnector(),
    interfaces: listInterfaces()
      .filter(({ isUp, kind }) => isUp && kind !== 'any' && kind !== 'loopback')
      .map(({ name }) => name),
    write: (path, text) => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text, { mode: 0o644 })
    },
    remove: (path) => rmSync(path, { force: true }),
    has: (path) => existsSync(path),
    run: (command, options) => spawnSync(command, options, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1,
    say: (line) => console.log(line),
  }
}

/** Says what it would do. */
function rehearsal(machine: Machine): Machine {
  return {
    ...machine,
    write: (path, text) => machine.say(`# would write ${path}:\n${text}`),
    remove: (path) => machine.say(`# would remove ${path}`),
    run: (command, options) => {
      machine.say(`# would run ${command} ${options.join(' ')}`)
      return 0
    },
    say: (line) => machine.say(`# would say: ${line}`),
  }
}
