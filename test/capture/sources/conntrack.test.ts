// A gateway's connections: each byte once, as nft counts them, through kills and without the program conntrack.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { NAMES_SOURCE, READ_TO_ENGINE } from '../../../capture/core/constants.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import type { LogLease } from '../../../capture/logs/record.ts'
import { type ConntrackPlace, conntrackSource, explainConntrack } from '../../../capture/sources/conntrack.ts'
import { namesRule } from '../../../capture/sources/names-rule.ts'
import type { PacketSource, SourceEvents } from '../../../capture/sources/source.ts'
import { planOfArgument, plansOfSettings } from '../../../capture/sources/sources.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { BindingNumber } from '../../../server/engine/row-table.ts'
import { tlsHello } from '../../server/engine/lab.ts'
import { root } from '../../support/imports.ts'
import { DEVICE, Gateway, GATEWAY } from './conntrack-gateway.ts'
import { until, whyNoNamespaces } from './network-namespace.ts'

const HERE: ConntrackPlace = { host: null, group: null }
const why = whyNoNamespaces('nft', 'conntrack', 'bash', 'unshare', 'busybox')
if (why !== null) console.log(`skipped: ${why}`)
const whyNoSsh = why ?? whyNoNamespaces('ssh', 'sshd', 'ssh-keygen')
if (whyNoSsh !== null) console.log(`skipped over ssh: ${whyNoSsh}`)

/** What an engine counts of the source. */
class Count implements SourceEvents {
  readonly engine = new Engine({ onTick: () => {} })
  readonly gaps: [number, number][] = []
  readonly leases: LogLease[] = []
  source: PacketSource | null = null

  readonly openReader = (): CaptureReader => {
    throw new Error('connections are no capture')
  }
  readonly openNames = (): CaptureReader =>
    new CaptureReader({ core: this.engine.core, mode: READ_TO_ENGINE, source: NAMES_SOURCE | 1 })
  readonly onGap = (from: number, to: number): void => void this.gaps.push([from, to])
  readonly connections = {
    core: () => this.engine.core,
    clock: () => Date.now() / 1000,
    countsBytes: true,
    onLease: (lease: LogLease) => void this.leases.push(lease),
    guard: (_: string, take: () => void) => take(),
  }

  /** Bytes between the device and the internet. */
  get device(): { up: number; down: number } {
    const { engine } = this
    engine.timeMark(Math.floor(Date.now() / 1000) + 1)
    const sums = { up: 0, down: 0 }
    for (let binding = 1; binding < engine.ownership.bindingsUsed; binding++) {
      if (engine.addresses.text(engine.ownership.addressOf(binding)) !== DEVICE) continue
      sums.up += engine.core.exports.bindingNumber(binding, BindingNumber.Sent)
      sums.down += engine.core.exports.bindingNumber(binding, BindingNumber.Received)
    }
    return sums
  }

  get names(): string[] {
    const { rows, names } = this.engine
    this.engine.timeMark(Math.floor(Date.now() / 1000) + 1)
    return Array.from({ length: rows.used }, (_, row) => names.text(rows.name(row)))
  }
}

describe.skipIf(why !== null)('a gateway', () => {
  let home: Gateway
  const sources: PacketSource[] = []

  beforeAll(async () => {
    home = new Gateway()
    await home.serve(8_001, 300_000)
    await home.serve(8_002, 2_000, false)
  })

  afterEach(async () => {
    for (const source of sources.splice(0)) await source.stop()
  })

  afterAll(() => home.remove())

  async function begin(place: ConntrackPlace = HERE, shell = 'sh'): Promise<Count> {
    const count = new Count()
    const commands = {
      shell: home.wrapper(home.gateway, 'shell', shell),
      tcpdump: home.wrapper(home.gateway, 'tcpdump', 'tcpdump'),
    }
    count.source = conntrackSource(place, count, commands)
    sources.push(count.source)
    count.source.start()
    await until(() => count.source?.status().state === 'running', 'it runs')
    return count
  }

  /** The bytes that nft counts from here on. */
  function since(): () => { up: number; down: number } {
    const before = home.counted()
    return () => {
      const { up, down } = home.counted()
      return { up: up - before.up, down: down - before.down }
    }
  }

  /** What reads the logged packets may begin later than what reads the connections. */
  const untilNamed = (count: Count): Promise<void> =>
    until(() => {
      home.talk(8_001, 5_000, Buffer.from(tlsHello('camera.example')))
      return count.names.includes('camera.example')
    }, 'the name')

  async function untilExact(count: Count, counted: () => { up: number; down: number }): Promise<void> {
    const isExact = (): boolean => counted().up > 0 && JSON.stringify(count.device) === JSON.stringify(counted())
    await until(isExact, 'each byte is counted once', 15_000).catch(() => expect(count.device).toEqual(counted()))
  }

  test('gives the bytes of the device as nft counts them, of connections that end and of one that goes on', async () => {
    const count = await begin()
    const counted = since()
    const dripping = home.drip(8_002, 700)
    for (let talk = 0; talk < 3; talk++) home.talk(8_001, 50_000)
    dripping.kill('SIGKILL')
    await untilExact(count, counted)
    expect(count.leases).toMatchObject([{ kind: 'lease', address: DEVICE }])
    expect(count.source?.status().problem).toBeNull()
  })

  test('gives the same without the program conntrack, in the shell of a small router, and says what that misses', async () => {
    const without = `unshare -m sh -c 'mount --bind /dev/null $(command -v conntrack); exec busybox sh "$@"' sh`
    const count = await begin(HERE, without)
    const counted = since()
    home.talk(8_001, 50_000)
    await untilExact(count, counted)
    expect(count.source?.status().problem).toMatch(/no program conntrack on the gateway/)
  })

  test('names connections from the packets that its firewall logs, without counting them', async () => {
    const rule = namesRule(7)
    expect(spawnSync('ip', ['netns', 'exec', home.gateway, 'sh', '-c', rule]).status).toBe(0)
    const count = await begin({ host: null, group: 7 })
    const counted = since()
    await untilNamed(count)
    await untilExact(count, counted)
    home.inGateway('nft', 'delete', 'table', 'inet', 'telltale')
  })

  test('whose program is killed is back, with a gap, and what passed is not counted twice', async () => {
    const count = await begin()
    const dripping = home.drip(8_002, 700)
    await until(() => count.device.up > 3_000, 'bytes before')
    home.inGateway(
      'bash',
      '-c',
      `for p in $(ip netns pids ${home.gateway}); do grep -q '^conntrack' /proc/$p/comm && kill -9 $p; done; true`,
    )
    await until(() => count.gaps.length === 1, 'it is back', 5_000)
    const [[from, to]] = count.gaps
    expect(to).toBeGreaterThan(from)
    const counted = since()
    const before = count.device
    home.talk(8_001, 20_000)
    dripping.kill('SIGKILL')
    const moved = (): number => count.device.up - before.up
    await until(() => moved() >= counted().up, 'what came after the gap')
    // No more than what a second of it brought before this test looked.
    expect(moved() - counted().up).toBeLessThan(20 * 800)
  })

  test.skipIf(whyNoSsh !== null)(
    'over ssh gives the bytes as nft counts them, without those of the way itself, and names',
    async () => {
      spawnSync('ip', ['netns', 'exec', home.gateway, 'sh', '-c', namesRule(7)])
      const sshOptions = await home.startSsh()
      const count = new Count()
      count.source = conntrackSource({ host: `root@${GATEWAY}`, group: 7, sshOptions }, count, {
        ssh: home.wrapper(home.home, 'ssh', 'ssh'),
      })
      sources.push(count.source)
      count.source.start()
      await until(() => count.source?.status().state === 'running', 'it runs')
      const counted = since()
      await untilNamed(count)
      await untilExact(count, counted)
      expect(count.engine.localBytes).toBe(0)
      home.stopSsh()
      await until(() => count.source?.status().state === 'failed', 'it is noticed')
      await home.startSsh()
      await until(() => count.gaps.length === 1, 'it is back', 5_000)
      home.inGateway('nft', 'delete', 'table', 'inet', 'telltale')
    },
  )

  test('that does not count says how to switch it on', async () => {
    home.set('net.netfilter.nf_conntrack_acct', 0)
    const count = await begin()
    expect(count.source?.status().problem).toMatch(/sysctl -w net\.netfilter\.nf_conntrack_acct=1/)
    home.set('net.netfilter.nf_conntrack_acct', 1)
    await until(() => count.source?.status().problem === null, 'it is noticed')
  })
})

describe('a line that names one', () => {
  test('is a gateway here or over ssh, with names or without', () => {
    const places = [
      'conntrack',
      'conntrack:names=5',
      'conntrack:root@192.168.1.1',
      'conntrack:[fd00::1],names=5',
      'conntrack:fd00::1,names=5',
    ]
    expect(
      places.map((text) => {
        try {
          return (planOfArgument(text) as unknown as { place: ConntrackPlace }).place
        } catch {
          return null
        }
      }),
    ).toEqual([
      HERE,
      { host: null, group: 5 },
      { host: 'root@192.168.1.1', group: null },
      { host: 'fd00::1', group: 5 },
      { host: 'fd00::1', group: 5 },
    ])
    const lines = [
      'here',
      'here names=5',
      'root@192.168.1.1 names=65535',
      'names=5',
      '',
      'here names=65536',
      'root@-x',
      'a b c',
    ]
    expect(plansOfSettings({ gateways: lines }).map(({ id }) => id)).toEqual([
      'conntrack:here',
      'conntrack:here',
      'conntrack:root@192.168.1.1',
    ])
  })
})

test.each([
  [
    null,
    'conntrack v1.4.7 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this',
    1,
    /takes CAP_NET_ADMIN/,
  ],
  [null, 'telltale: nothing is followed', 93, /follows no connections on this machine/],
  ['root@r', 'telltale: no table', 92, /Install the program conntrack there/],
  ['admin@r', 'Operation failed: sorry, you must be root or get CAP_NET_ADMIN', 1, /such as root@r/],
  ['root@r', 'root@r: Permission denied (publickey).', 255, /does not accept the key/],
  [null, '', null, /was killed.*started again/],
] as const)('at %s, "%s" is explained', (host, words, code, sentence) => {
  expect(explainConntrack({ host, group: null }, words, code, null)).toMatch(sentence)
})

test('the README has the rule for names that the page tells', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  expect(readme.replaceAll(/\s+/g, ' ')).toContain(namesRule(5))
})
