// "telltale service" installs, removes and shows; with --dry-run it changes nothing.
import { describe, expect, test } from 'vitest'
import { type Machine, serviceCommand } from '../../../server/service-units/command.ts'

function machine(overrides: Partial<Machine> = {}): Machine & { done: string[]; said: string[] } {
  const done: string[] = []
  const said: string[] = []
  return {
    isRoot: true,
    hasSystemd: true,
    connector: null,
    interfaces: ['br-lan', 'eth0'],
    done,
    said,
    write: (path, text) => void done.push(`write ${path} ${text.length > 100}`),
    remove: (path) => void done.push(`remove ${path}`),
    run: (command, options) => {
      done.push([command, ...options].join(' '))
      return 0
    },
    say: (line) => void said.push(line),
    ...overrides,
  }
}

describe('telltale service', () => {
  test('install writes the units, makes the users and starts both', async () => {
    const here = machine()
    expect(await serviceCommand(['install'], here)).toBe(0)
    expect(here.done).toEqual([
      'write /etc/sysusers.d/telltale.conf true',
      'write /etc/systemd/system/telltale-capture.service true',
      'write /etc/systemd/system/telltale.service true',
      'systemd-sysusers /etc/sysusers.d/telltale.conf',
      'systemctl daemon-reload',
      'systemctl enable telltale-capture.service telltale.service',
      'systemctl restart telltale-capture.service telltale.service',
    ])
    expect(here.said.join()).toMatch(/captures on br-lan/)
  })

  test('install without capture has the page alone, and ends a capture of before', async () => {
    const here = machine({ interfaces: [] })
    expect(await serviceCommand(['install', '--no-capture'], here)).toBe(0)
    expect(here.done).toEqual([
      'systemctl disable --now telltale-capture.service',
      'remove /etc/systemd/system/telltale-capture.service',
      'write /etc/sysusers.d/telltale.conf true',
      'write /etc/systemd/system/telltale.service true',
      'systemd-sysusers /etc/sysusers.d/telltale.conf',
      'systemctl daemon-reload',
      'systemctl enable telltale.service',
      'systemctl restart telltale.service',
    ])
    expect(here.said.join()).toMatch(/captures nothing on this machine/)
  })

  test('install with --sensor writes a unit that captures for the named machines, and starts nothing else', async () => {
    const here = machine()
    const args = ['install', '--sensor', '192.168.1.7:7443', '--for', '192.168.1.5', '--interface', 'eth0']
    expect(await serviceCommand(args, here)).toBe(0)
    expect(here.done).toEqual([
      'write /etc/sysusers.d/telltale.conf true',
      'write /etc/systemd/system/telltale-sensor.service true',
      'systemd-sysusers /etc/sysusers.d/telltale.conf',
      'systemctl daemon-reload',
      'systemctl enable telltale-sensor.service',
      'systemctl restart telltale-sensor.service',
    ])
    expect(here.said.join()).toMatch(/telltale sensor code.*telltale sensor pair 192\.168\.1\.7:7443/)
  })

  test('install --conntrack reads the connections instead of capturing, with names where a group is given', async () => {
    const here = machine()
    expect(await serviceCommand(['install', '--conntrack', '--names', '5'], here)).toBe(0)
    expect(here.done).toContain('write /etc/systemd/system/telltale-conntrack.service true')
    expect(here.done).toContain('systemctl restart telltale-conntrack.service telltale.service')
    expect(here.done.join()).not.toMatch(/write \S*telltale-capture/)
    expect(here.said.join()).toMatch(/reads the connections of this machine/)
  })

  test('install without --conntrack takes an earlier unit for it away, and uninstall ends it', async () => {
    const has = (path: string): boolean => path.endsWith('telltale-conntrack.service')
    const here = machine({ has })
    expect(await serviceCommand(['install'], here)).toBe(0)
    expect(here.done.slice(0, 2)).toEqual([
      'systemctl disable --now telltale-conntrack.service',
      'remove /etc/systemd/system/telltale-conntrack.service',
    ])
    const there = machine({ has })
    expect(await serviceCommand(['uninstall'], there)).toBe(0)
    expect(there.done[0]).toMatch(/telltale-conntrack\.service$/)
  })

  test('uninstall stops, removes, and says what is left', async () => {
    const here = machine()
    expect(await serviceCommand(['uninstall'], here)).toBe(0)
    expect(here.done[0]).toBe('systemctl disable --now telltale.service telltale-capture.service')
    expect(here.done.filter((line) => line.startsWith('remove'))).toHaveLength(5)
    expect(here.said.join()).toMatch(/still in \/var\/lib\/telltale/)
  })

  test('uninstall needs no interface', async () => {
    expect(await serviceCommand(['uninstall'], machine({ interfaces: [] }))).toBe(0)
  })

  test.each([['install'], ['uninstall']])(
    '%s --dry-run does nothing, also as an ordinary user, and shows all of it',
    async (what) => {
      const here = machine({ isRoot: false, hasSystemd: false })
      expect(await serviceCommand([what, '--dry-run', '--interface', 'eth7'], here)).toBe(0)
      expect(here.done).toEqual([])
      expect(here.said.join('\n')).toMatch(/telltale-capture\.service/)
      expect(here.said.join('\n')).toMatch(/would run systemctl daemon-reload/)
      if (what === 'install') expect(here.said.join('\n')).toMatch(/capture --interface eth7/)
    },
  )

  test.each([
    [[], /write one of/],
    [['remove'], /write one of/],
    [['install', '--interface', 'x;y'], /no name of an interface/],
    [['install', '--no-capture', '--interface', 'eth0'], /exclude each other/],
    [['install', '--sensor', '192.168.1.7'], /--sensor 192\.168\.1\.7: write an address/],
    [['install', '--sensor', '192.168.1.7:7443'], /--for 192/],
    [['install', '--sensor', '192.168.1.7:7443', '--for', 'pi.local'], /--for pi\.local/],
    [['install', '--sensor', '192.168.1.7:7443', '--for', '192.168.1.5', '--no-capture'], /--no-capture/],
    [['install', '--for', '192.168.1.5'], /--for names/],
    [['install', '--names', '5'], /--names stands behind --conntrack/],
    [['install', '--conntrack', '--names', '65536'], /--names 65536/],
    [['install', '--port', '80'], /--port 80/],
    [['install', '--log-group', 'a b'], /no name of a group/],
    [['install', '--frobnicate'], /frobnicate/],
  ])('%j is refused with a sentence', async (args, sentence) => {
    const here = machine()
    expect(await serviceCommand(args, here)).toBe(2)
    expect(here.said.join()).toMatch(sentence)
    expect(here.done).toEqual([])
  })

  test.each([
    [{ isRoot: false }, /needs root/],
    [{ hasSystemd: false }, /no systemd/],
    [{ interfaces: [] }, /no network interface is up/],
  ])('on a machine with %j it says what is missing', async (overrides, sentence) => {
    const here = machine(overrides)
    expect(await serviceCommand(['install'], here)).toBe(2)
    expect(here.said.join()).toMatch(sentence)
    expect(here.done).toEqual([])
  })

  test('a step that fails ends the installation with its name', async () => {
    const here = machine({ run: (command) => (command === 'systemd-sysusers' ? 1 : 0) })
    expect(await serviceCommand(['install'], here)).toBe(1)
    expect(here.said.join()).toMatch(/"systemd-sysusers .*" failed with code 1/)
  })
})
