// Every kind of source is named, switched off and switched on again while the service runs, each for itself.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveCapture } from '../../../capture/sources/capture-socket.ts'
import type { TrafficStatus, SettingsPage, SourceStatus } from '../../../server/api.ts'
import { planOfArgument, plansOf } from '../../../server/settings/source-plan.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-sources-'))
const path = process.env['PATH'] ?? ''
const socket = join(folder, 'capture.sock')
const log = join(folder, 'queries.log')
let server: Server
let home: TestHome

/** Programs that stand in for tcpdump and ssh: a packet, and then nothing until they are ended. */
function standIn(name: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\ncat '${join(folder, 'packets')}'\nexec sleep 1000\n`)
  chmodSync(join(folder, 'bin', name), 0o755)
}

beforeAll(async () => {
  for (const name of ['bin', 'captures']) mkdirSync(join(folder, name))
  const capture = Buffer.concat([
    pcapHeader({}),
    pcapRecord({ seconds: Math.floor(Date.now() / 1000), nanos: 0, bytes: arpFrom(CAMERA) }),
  ])
  for (const file of ['packets', 'captures/home-1.pcap']) writeFileSync(join(folder, file), capture)
  writeFileSync(log, `[${Math.floor(Date.now() / 1000)}] unbound[7:0] info: 192.168.7.5 a.example.com. A IN\n`)
  for (const name of ['tcpdump', 'ssh']) standIn(name)
  process.env['PATH'] = `${join(folder, 'bin')}${delimiter}${path}`
  server = await serveCapture(socket, 'br-lan')
  home = await startHome({ stateFolder: join(folder, 'state'), sources: [planOfArgument(`socket:${socket}`)] })
}, 60_000)

afterAll(async () => {
  process.env['PATH'] = path
  await home?.close()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

const sources = async (): Promise<SourceStatus[]> =>
  (await home.client.get<TrafficStatus>('/api/traffic/live/status')).sources
const states = (all: SourceStatus[]): Record<string, string> =>
  Object.fromEntries(all.map(({ id, state }) => [id, state]))
const change = (values: Record<string, unknown>): Promise<SettingsPage> =>
  home.client.send('PATCH', '/api/settings', { sources: values })
/** A source that once delivered is quiet a while later: both are well. */
const isOn = (state: string | undefined): boolean => state === 'running' || state === 'quiet'

describe('sources of every kind', () => {
  const ids = [
    `socket:${socket}`,
    'interface:eth7',
    'ssh:root@192.168.7.1/br-lan',
    `folder:${join(folder, 'captures')}`,
    `dns:unbound:${log}`,
  ]

  test('run beside one another once they are named in Settings', async () => {
    await change({
      interfaces: ['eth7'],
      routers: ['root@192.168.7.1 br-lan'],
      folders: [join(folder, 'captures')],
      dnsLogs: [`unbound ${log}`],
    })
    const all = await eventually(
      sources,
      (now) => now.length === ids.length && now.every(({ state, packets }) => isOn(state) && packets > 0),
    )
    expect(all.map(({ id }) => id)).toEqual(ids)
  })

  for (const id of ids) {
    test(`${id.split(':')[0]} is switched off alone, stays named, and comes back`, async () => {
      await change({ off: [id] })
      const now = await eventually(
        sources,
        (all) =>
          all.length === ids.length &&
          all.every((source) => (source.id === id ? source.state === 'off' : isOn(source.state))),
      )
      expect(Object.keys(states(now)).sort()).toEqual([...ids].sort())
      expect(now.find((source) => source.id === id)).toMatchObject({ packets: 0, problem: null })
      await change({ off: [] })
      await eventually(sources, (all) => isOn(states(all)[id]))
    })
  }

  test('may all be off: then nothing is seen, and the sample does not play', async () => {
    await change({ off: ids })
    await eventually(sources, (all) => all.length === ids.length && all.every(({ state }) => state === 'off'))
    expect((await home.client.get<TrafficStatus>('/api/traffic/live/status')).sample).toBe(false)
  })
})

test('a source that the command line and Settings name is there once', () => {
  const plans = plansOf([planOfArgument('eth0'), planOfArgument('-')], {
    interfaces: ['eth0', 'eth1'],
    off: ['stdin'],
  })
  expect(plans.map(({ id, isOff = false }) => [id, isOff])).toEqual([
    ['interface:eth0', false],
    ['stdin', true],
    ['interface:eth1', false],
  ])
})
