// The services are sandboxed, and capture works as an ordinary user with one capability.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { FrameSplitter } from '../../../capture/sources/capture-socket.ts'
import { sensorUnitFiles } from '../../../server/service-units/sensor-unit.ts'
import { type ServiceOptions, unitFiles } from '../../../server/service-units/units.ts'
import { Cable, until, whyNoNamespaces } from '../../capture/sources/network-namespace.ts'

const OPTIONS: ServiceOptions = {
  node: '/usr/bin/node',
  program: '/opt/telltale/dist/cli.js',
  interfaceName: 'br-lan',
  lan: true,
  port: 8480,
  notifyOutside: false,
  logGroups: ['adm'],
  connector: { language: 'perl', path: '/usr/bin/perl' },
}

function unit(name: string, options: Partial<ServiceOptions> = {}): string {
  return unitFiles({ ...OPTIONS, ...options }).find(({ path }) => basename(path) === name)?.text ?? ''
}

function sensorUnit(): string {
  const sensor = { interfaceName: 'br-lan', listen: '192.168.1.7:7443', peers: ['192.168.1.5', 'fd00::5'] }
  return sensorUnitFiles({ ...OPTIONS, ...sensor })[1]?.text ?? ''
}

/** The values of a key, in order. */
function valuesOf(text: string, key: string): string[] {
  return [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((found) => found[1])
}

describe('the units', () => {
  test('give the web process no capability and capture one', () => {
    expect(valuesOf(unit('telltale.service'), 'CapabilityBoundingSet')).toEqual([''])
    expect(valuesOf(unit('telltale.service'), 'AmbientCapabilities')).toEqual([''])
    expect(valuesOf(unit('telltale-capture.service'), 'CapabilityBoundingSet')).toEqual(['CAP_NET_RAW'])
    expect(valuesOf(unit('telltale-capture.service'), 'AmbientCapabilities')).toEqual(['CAP_NET_RAW'])
    for (const name of ['telltale.service', 'telltale-capture.service'])
      expect(valuesOf(unit(name), 'User')[0]).toMatch(/^telltale/)
  })

  test('give what reads connections CAP_NET_ADMIN, and the web process its socket', () => {
    const conntrack = { interfaceName: null, conntrack: { group: 5 } }
    const text = unit('telltale-conntrack.service', conntrack)
    expect(valuesOf(text, 'CapabilityBoundingSet')).toEqual(['CAP_NET_ADMIN'])
    expect(valuesOf(text, 'AmbientCapabilities')).toEqual(['CAP_NET_ADMIN'])
    expect(valuesOf(text, 'RestrictAddressFamilies')).toEqual(['AF_UNIX AF_NETLINK'])
    expect(valuesOf(text, 'ExecStart')[0]).toMatch(/ connections --folder \/run\/telltale-conntrack --names 5$/)
    const web = unit('telltale.service', conntrack)
    expect(valuesOf(web, 'ExecStart')[0]).toMatch(/ --source conntrack:\/run\/telltale-conntrack,names=5 /)
    expect(valuesOf(web, 'Wants')).toEqual(['telltale-conntrack.service'])
    expect(valuesOf(web, 'CapabilityBoundingSet')).toEqual([''])
    expect(unit('telltale-conntrack.service')).toBe('')
  })

  test('leave no core dump', () => {
    for (const name of ['telltale.service', 'telltale-capture.service'])
      expect(valuesOf(unit(name), 'LimitCORE')).toEqual(['0'])
  })

  test('let nothing leave the house unless alerts shall', () => {
    expect(valuesOf(unit('telltale.service'), 'IPAddressDeny')).toEqual(['any'])
    expect(valuesOf(unit('telltale.service', { notifyOutside: true }), 'IPAddressDeny')).toEqual([])
    expect(valuesOf(unit('telltale-capture.service', { notifyOutside: true }), 'IPAddressDeny')).toEqual(['any'])
  })

  test('pass on port, network and groups', () => {
    const web = unit('telltale.service')
    expect(valuesOf(web, 'ExecStart').map((command) => command.replace(/^\S*perl .*' /, ''))).toEqual([
      '/usr/bin/node /opt/telltale/dist/cli.js serve --state /var/lib/telltale --source socket:/run/telltale-capture/packets.sock --port 8480 --lan',
    ])
    expect(valuesOf(web, 'SupplementaryGroups')).toEqual(['adm'])
    expect(unit('telltale.service', { lan: false, port: null, logGroups: [] })).not.toMatch(
      /--lan|--port|SupplementaryGroups/,
    )
  })

  test('are started again whatever ends them, and ended where they give no sign of life', () => {
    for (const name of ['telltale.service', 'telltale-capture.service']) {
      const watched = unit(name)
      expect(valuesOf(watched, 'Restart')).toEqual(['always'])
      expect(Number(valuesOf(watched, 'RestartSec')[0])).toBeLessThanOrEqual(2)
      expect(valuesOf(watched, 'StartLimitIntervalSec')).toEqual(['0'])
      expect(['Type', 'NotifyAccess', 'WatchdogSec'].flatMap((key) => valuesOf(watched, key))).toEqual([
        'notify',
        'main',
        '60',
      ])
      // A machine that cannot connect it would wait for a report that never comes.
      const unwatched = unit(name, { connector: null })
      expect(valuesOf(unwatched, 'Type')).toEqual(['simple'])
      expect(valuesOf(unwatched, 'WatchdogSec')).toEqual([])
    }
  })

  test('keep a program below /home readable, and nothing else there', () => {
    const web = unit('telltale.service', { program: '/home/pi/telltale/dist/cli.js' })
    expect(valuesOf(web, 'ProtectHome')).toEqual(['tmpfs'])
    expect(valuesOf(web, 'BindReadOnlyPaths')).toEqual(['/home/pi/telltale'])
  })

  test.each([['/opt/my programs/cli.js'], ['cli.js'], ['/opt/x\nUser=root'], ['/opt/%h/cli.js'], ['/opt/$X']])(
    'refuse the path %j',
    (program) => {
      expect(() => unitFiles({ ...OPTIONS, program })).toThrow(/cannot stand in a unit/)
    },
  )

  test('of a sensor has the one right to capture, and the kernel lets nobody else reach it', () => {
    const text = sensorUnit()
    expect(valuesOf(text, 'CapabilityBoundingSet')).toEqual(['CAP_NET_RAW'])
    expect(valuesOf(text, 'IPAddressDeny')).toEqual(['any'])
    expect(valuesOf(text, 'IPAddressAllow')).toEqual(['192.168.1.5 fd00::5'])
    expect(valuesOf(text, 'LimitCORE')).toEqual(['0'])
    expect(valuesOf(text, 'StateDirectoryMode')).toEqual(['0700'])
    expect(valuesOf(text, 'ExecStart')[0]).toMatch(
      /sensor --interface br-lan --listen 192\.168\.1\.7:7443 --for 192\.168\.1\.5 --for fd00::5 --key \/var\/lib\/telltale-sensor\/key$/,
    )
  })

  const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0
  if (!hasAnalyze) console.log('skipped: systemd-analyze is not installed')

  test.skipIf(!hasAnalyze).each([
    ['telltale-capture.service', {}, 1.2],
    ['telltale-capture.service', { connector: null }, 1.2],
    ['telltale-sensor.service', {}, 1.5],
    ['telltale.service', { logGroups: [] }, 1],
    ['telltale.service', { logGroups: [], connector: null }, 1],
    ['telltale.service', {}, 1.1],
    ['telltale.service', { notifyOutside: true }, 1.2],
    ['telltale.service', { program: '/home/pi/telltale/dist/cli.js' }, 1.1],
  ])('%s with %j scores %d or better', (name, options, most) => {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-units-'))
    try {
      const path = join(folder, name)
      writeFileSync(path, name === 'telltale-sensor.service' ? sensorUnit() : unit(name, options))
      const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], {
        encoding: 'utf8',
      })
      const score = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN)
      expect(score).toBeLessThanOrEqual(most)
      // A key that systemd does not know would count for nothing.
      expect(stdout).not.toMatch(/Unknown key|Failed to parse/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

const why = whyNoNamespaces('setpriv') ?? whyNotAsNobody()
if (why !== null) console.log(`skipped: ${why}`)

test.skipIf(why !== null)(
  'the capture unit works as an ordinary user with CAP_NET_RAW alone, without just-in-time code',
  async () => {
    const cable = new Cable()
    chmodSync(cable.folder, 0o777)
    const program = join(cable.folder, 'capture.mjs')
    buildSync({
      stdin: {
        contents:
          "import { captureCommand } from './server/service-units/capture-command.ts'\nprocess.exitCode = await captureCommand(process.argv.slice(2))",
        resolveDir: fileURLToPath(new URL('../../..', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
    })
    const path = join(cable.folder, 'packets.sock')
    const rights = [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      '--no-new-privs',
      '--inh-caps=-all,+net_raw',
      '--ambient-caps=-all,+net_raw',
      '--bounding-set=-all,+net_raw',
    ]
    const child = spawn(
      'ip',
      [
        'netns',
        'exec',
        cable.near,
        'setpriv',
        ...rights,
        process.execPath,
        '--jitless',
        program,
        '--interface',
        'cable',
        '--socket',
        path,
      ],
      { stdio: 'ignore' },
    )
    try {
      const frames = new FrameSplitter()
      let bytes = 0
      let problem = ''
      let socket = connect(path)
      const listen = (): void => {
        socket.on('error', () =>
          setTimeout(() => {
            socket = connect(path)
            listen()
          }, 100),
        )
        socket.on('data', (piece: Buffer) =>
          frames.add(piece, (kind, payload) => {
            if (kind === 1) bytes += payload.length
            if (kind === 3) problem = payload.toString()
          }),
        )
      }
      listen()
      await until(() => bytes >= 24 || problem !== '', 'a capture', 20_000)
      cable.send(10)
      await until(() => bytes >= 24 + 10 * (16 + 43), 'ten packets')
      expect(problem).toBe('')
      socket.destroy()
    } finally {
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('exit', resolve))
      cable.remove()
    }
  },
)

/** Node may be installed where ordinary users cannot look. */
function whyNotAsNobody(): string | null {
  const { status } = spawnSync('setpriv', [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    process.execPath,
    '--version',
  ])
  return status === 0 ? null : `an ordinary user cannot run ${process.execPath}`
}
