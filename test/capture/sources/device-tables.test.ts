// The router's tables of devices are read, and each change is reported once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseArpTable, table as arp } from '../../../capture/logs/arp-table.ts'
import { parseDnsmasqLeases, table as dnsmasqLeases } from '../../../capture/logs/dnsmasq-leases.ts'
import { DeviceTable } from '../../../capture/sources/device-tables.ts'

const LEASES = `1795390000 aa:bb:cc:00:00:01 192.168.1.5 kitchen-cam 01:aa:bb:cc:00:00:01
0 AA:BB:CC:00:00:02 192.168.1.6 * *
1795390000 aa:bb:cc:00:00:03 not-an-address x *
1795390000 ff:ff:ff:ff:ff:ff 192.168.1.7 x *
nonsense
1795390000 aa:bb:cc:00:00:04 192.168.1.8 <img/src=x> *
duid 00:01:00:01:2a
1795390000 1234 fd00::5 kitchen-cam 00:01
`

test("dnsmasq's leases give MAC, address and name", () => {
  expect(parseDnsmasqLeases(LEASES).map(({ mac, address, name }) => [mac, address, name])).toEqual([
    ['aa:bb:cc:00:00:01', '192.168.1.5', 'kitchen-cam'],
    ['aa:bb:cc:00:00:02', '192.168.1.6', null],
    ['aa:bb:cc:00:00:04', '192.168.1.8', '<img/src=x>'],
  ])
})

test('the ARP table gives what is resolved', () => {
  const table = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.5      0x1         0x2         aa:bb:cc:00:00:01     *        br-lan
192.168.1.6      0x1         0x0         00:00:00:00:00:00     *        br-lan
192.168.1.7      0x1         0x6         aa:bb:cc:00:00:03     *        br-lan
10.8.0.2         0x200       0x2         aa:bb:cc:00:00:04     *        tun0
`
  expect(parseArpTable(table).map(({ mac, address }) => [mac, address])).toEqual([
    ['aa:bb:cc:00:00:01', '192.168.1.5'],
    ['aa:bb:cc:00:00:03', '192.168.1.7'],
  ])
})

test('a table emits each device once, and again when its address or name changes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-leases-'))
  try {
    const path = join(folder, 'dhcp.leases')
    const emitted: string[] = []
    const table = new DeviceTable(path, dnsmasqLeases, ({ mac, address, name }) =>
      emitted.push(`${mac} ${address} ${name}`),
    )
    await table.look()
    expect(table.problem).toMatch(/There is no .*dhcp\.leases/)
    for (const line of [
      '1 aa:bb:cc:00:00:01 192.168.1.5 cam *\n',
      '2 aa:bb:cc:00:00:01 192.168.1.5 cam *\n',
      '3 aa:bb:cc:00:00:01 192.168.1.9 cam *\n',
    ]) {
      writeFileSync(path, line)
      await table.look()
    }
    expect(emitted).toEqual(['aa:bb:cc:00:00:01 192.168.1.5 cam', 'aa:bb:cc:00:00:01 192.168.1.9 cam'])
    expect(table.problem).toBeNull()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.skipIf(process.platform !== 'linux')("this machine's own ARP table can be read", async () => {
  const table = new DeviceTable(arp.usualPaths[0], arp, () => {})
  await table.look()
  expect(table.problem).toBeNull()
})
