// The parts of the live sources, without a network.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { FrameSplitter } from '../../../capture/sources/capture-socket.ts'
import { parseDropped } from '../../../capture/sources/child-stream.ts'
import { FolderSource } from '../../../capture/sources/folder.ts'
import { isInterfaceName, listInterfaces } from '../../../capture/sources/interfaces.ts'
import { RestartingSource, type StreamEvents } from '../../../capture/sources/restarting-source.ts'
import { sshOptions, sshSource } from '../../../capture/sources/ssh.ts'
import { StdinSource } from '../../../capture/sources/stdin.ts'
import { tcpdumpSource } from '../../../capture/sources/tcpdump.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'

/** For a busy machine. */
const PATIENCE = { timeout: 50_000, interval: 20 }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-sources-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

function capture(count: number, first = 1_700_000_000): Uint8Array {
  return pcapFile(
    {},
    Array.from({ length: count }, (_, index) => ({ seconds: first + index, bytes: new Uint8Array(60) })),
  )
}

const readers = (): { openReader: () => CaptureReader } => ({ openReader: () => new CaptureReader(() => {}) })

describe('drop counters', () => {
  test.each([
    ['tcpdump: 12 packets captured, 15 packets received by filter, 3 packets dropped by kernel', 3],
    ['3 packets dropped by kernel', 3],
    ['1 packet dropped by kernel', 1],
    ['0 packets dropped by kernel', 0],
    ['12 packets captured', null],
    ['-3 packets dropped by kernel', null],
    ['tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 1600 bytes', null],
  ])('"%s" counts %s', (line, count) => expect(parseDropped(line)).toBe(count))
})

describe('a source that breaks', () => {
  function broken(): { source: RestartingSource; runs: StreamEvents[]; gaps: number[]; problems: (string | null)[] } {
    vi.useFakeTimers()
    const runs: StreamEvents[] = []
    const gaps: number[] = []
    const problems: (string | null)[] = []
    const open = (events: StreamEvents): { stop: () => Promise<void> } => {
      runs.push(events)
      return { stop: () => Promise.resolve() }
    }
    const events = {
      ...readers(),
      onGap: (from: number, to: number) => gaps.push(to - from),
      onChange: () => problems.push(source.status().problem),
    }
    const source = new RestartingSource(open, events, (seconds) => `quiet for ${seconds} s`)
    return { source, runs, gaps, problems }
  }

  test('is opened again with waits that grow to less than 5 s', () => {
    const { source, runs } = broken()
    source.start()
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      const before = Date.now()
      runs.at(-1)?.onEnd('it broke')
      expect(source.status()).toMatchObject({ state: 'failed', problem: 'it broke' })
      const count = runs.length
      while (runs.length === count) vi.advanceTimersByTime(50)
      waits.push(Date.now() - before)
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000, 4000])
  })

  test('adds up packets and drops of all its runs, reports the gap, and restarts quickly again after packets', () => {
    const { source, runs, gaps } = broken()
    source.start()
    expect(source.status().state).toBe('starting')
    runs[0]?.onBytes(capture(3))
    runs[0]?.onDropped(2)
    runs[0]?.onDropped(5)
    expect(source.status()).toMatchObject({
      state: 'running',
      packets: 3,
      dropped: 5,
      lastPacket: 1_700_000_002,
      problem: null,
    })
    runs[0]?.onEnd('it broke')
    vi.advanceTimersByTime(250)
    runs[1]?.onBytes(capture(4, 1_700_000_100))
    runs[1]?.onDropped(1)
    expect(source.status()).toMatchObject({ state: 'running', packets: 7, dropped: 6, lastPacket: 1_700_000_103 })
    expect(gaps).toEqual([0.25])
  })

  test('of a link that was lost has a gap from its last sign of life', () => {
    const { source, runs, gaps } = broken()
    source.start()
    runs[0]?.onBytes(capture(3))
    const aliveUntil = Date.now() / 1000
    vi.advanceTimersByTime(8_000)
    runs[0]?.onEnd('the link is dead', aliveUntil)
    expect(source.status().seenUntil).toBe(aliveUntil)
    vi.advanceTimersByTime(250)
    runs[1]?.onBytes(capture(1))
    expect(gaps).toEqual([8.25])
    expect(source.status()).not.toHaveProperty('seenUntil')
  })

  test('does not listen to a run that is over', () => {
    const { source, runs } = broken()
    source.start()
    runs[0]?.onEnd('it broke')
    runs[0]?.onBytes(capture(3))
    runs[0]?.onEnd('it broke twice')
    expect(source.status()).toMatchObject({ state: 'failed', packets: 0, problem: 'it broke' })
    vi.advanceTimersByTime(250)
    expect(runs).toHaveLength(2)
  })

  test('says so when what arrives is no capture, and tries again', () => {
    const { source, runs } = broken()
    source.start()
    runs[0]?.onBytes(Buffer.from('Welcome to OpenWrt!'))
    expect(source.status().problem).toMatch(/What arrives is damaged: this is no capture/)
    vi.advanceTimersByTime(250)
    expect(runs).toHaveLength(2)
  })

  test('is quiet after 10 s without a packet, and running with the next one', () => {
    const { source, runs } = broken()
    source.start()
    runs[0]?.onBytes(capture(1))
    vi.advanceTimersByTime(10_000)
    expect(source.status()).toMatchObject({ state: 'quiet', problem: 'quiet for 10 s' })
    runs[0]?.onBytes(capture(1).subarray(24))
    expect(source.status()).toMatchObject({ state: 'running', problem: null, packets: 2 })
  })

  test('that is stopped is not opened again', async () => {
    const { source, runs } = broken()
    source.start()
    runs[0]?.onEnd('it broke')
    await source.stop()
    vi.advanceTimersByTime(60_000)
    expect(runs).toHaveLength(1)
    expect(source.status().state).toBe('off')
  })
})

describe('names that end up on a command line', () => {
  test.each(['eth0', 'br-lan', 'wlan0.100', 'any', 'en:p0'])('"%s" is an interface', (name) =>
    expect(isInterfaceName(name)).toBe(true),
  )
  test.each(['', '-i', 'a b', '../x', 'sixteencharacter', 'x;reboot', 'x\n', "'", '..'])('"%s" is none', (name) => {
    expect(isInterfaceName(name)).toBe(false)
    expect(() => tcpdumpSource(name, readers())).toThrow(/is no name of an interface/)
  })
  test.each(['-oProxyCommand=reboot', 'a b', 'root@', 'x;y', '', 'root@-x y'])('"%s" is no router', (host) => {
    expect(() => sshSource({ host, interfaceName: 'br-lan' }, readers())).toThrow(/is no name of a router/)
  })
  test('ssh takes keys only and checks the host key', () => {
    const options = sshOptions({ host: 'root@192.168.1.1', interfaceName: 'br-lan' })
    expect(options).toContain('BatchMode=yes')
    expect(options).toContain('StrictHostKeyChecking=yes')
    expect(options.at(-3)).toBe('--')
  })
})

describe('the list of interfaces', () => {
  function put(name: string, files: Record<string, string>): void {
    for (const [path, text] of Object.entries({
      flags: '0x1003',
      operstate: 'up',
      type: '1',
      address: '02:00:00:00:00:01',
      ...files,
    })) {
      mkdirSync(join(folder, name, path, '..'), { recursive: true })
      writeFileSync(join(folder, name, path), `${text}\n`)
    }
  }

  test('recognises bridges, ports, Wi-Fi, VLANs, tunnels and what is down', () => {
    put('br-lan', { 'bridge/bridge_id': 'x', 'statistics/rx_packets': '10', 'statistics/tx_packets': '5' })
    put('lan1', { 'brport/bridge/uevent': 'INTERFACE=br-lan' })
    put('wlan0', { 'wireless/link': '1' })
    put('eth0.7', { uevent: 'DEVTYPE=vlan' })
    put('tun0', { type: '65534', address: '' })
    put('lo', { type: '772', address: '00:00:00:00:00:00', operstate: 'unknown' })
    put('eth9', { operstate: 'down' })
    symlinkSync('/nowhere', join(folder, 'gone'))
    const list = listInterfaces(folder)
    const by = Object.fromEntries(list.map((entry) => [entry.name, entry]))
    expect(list[0]?.name).toBe('br-lan')
    expect(by['br-lan']).toMatchObject({ kind: 'bridge', packets: 15, isUp: true, mac: '02:00:00:00:00:01' })
    expect(by['lan1']).toMatchObject({ kind: 'bridge-port', bridge: 'br-lan' })
    expect(by['lan1']?.sees).toMatch(/br-lan sees those of all ports/)
    expect(by['wlan0']?.kind).toBe('wifi')
    expect(by['eth0.7']?.kind).toBe('vlan')
    expect(by['tun0']).toMatchObject({ kind: 'tunnel', mac: null })
    expect(by['lo']).toMatchObject({ kind: 'loopback', isUp: true, mac: null })
    expect(by['eth9']?.isUp).toBe(false)
    expect(by['any']?.kind).toBe('any')
    expect(by['gone']).toBeUndefined()
  })

  test('of this machine has its loopback interface', () => {
    expect(listInterfaces().map(({ name }) => name)).toContain('any')
  })
})

describe('standard input', () => {
  test('is read to its end, plain or gzipped', async () => {
    for (const bytes of [capture(5), gzipSync(capture(5))]) {
      const stream = new PassThrough()
      const source = new StdinSource(stream, readers())
      source.start()
      stream.end(bytes)
      await vi.waitUntil(() => source.status().state === 'ended', PATIENCE)
      expect(source.status()).toMatchObject({ packets: 5, problem: null, lastPacket: 1_700_000_004 })
    }
  })

  test('that is no capture says so', async () => {
    const stream = new PassThrough()
    const source = new StdinSource(stream, readers())
    source.start()
    stream.end('hello, world')
    await vi.waitUntil(() => source.status().state === 'failed', PATIENCE)
    expect(source.status().problem).toMatch(/no capture/)
  })

  test('is given back when stopped', async () => {
    const stream = new PassThrough()
    const source = new StdinSource(stream, readers())
    source.start()
    stream.write(capture(2))
    await vi.waitUntil(() => source.status().packets === 2, PATIENCE)
    await source.stop()
    expect(stream.destroyed).toBe(true)
    expect(source.status()).toMatchObject({ state: 'off', packets: 2 })
  })
})

describe('a folder of captures', () => {
  test('compressed after it was read is not read twice, and a file of a ring used again is', async () => {
    const source = new FolderSource(folder, readers(), { readOld: true })
    writeFileSync(join(folder, 'home.pcap0'), capture(3))
    await source.look()
    expect(source.status().packets).toBe(3)
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(join(folder, 'home.pcap1'), capture(4))
    await source.look()
    expect(source.status().packets).toBe(7)
    writeFileSync(join(folder, 'home.pcap0.gz'), gzipSync(capture(3)))
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(join(folder, 'home.pcap0'), capture(5))
    await source.look()
    await source.look()
    expect(source.status().packets).toBe(12)
    await source.stop()
  })

  test('leaves what is older than its start alone, and reads gzipped ones that are new', async () => {
    writeFileSync(join(folder, 'a.pcap'), capture(3))
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(join(folder, 'b.pcap'), capture(4).subarray(0, 100))
    const source = new FolderSource(folder, readers())
    await source.look()
    expect(source.status().packets).toBe(1)
    writeFileSync(join(folder, 'b.pcap'), capture(4))
    await source.look()
    expect(source.status().packets).toBe(4)
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(join(folder, 'c.pcap.gz'), gzipSync(capture(6)))
    await source.look()
    expect(source.status().packets).toBe(10)
    await source.stop()
  })

  test('that is not there, or holds something else, says so', async () => {
    const missing = new FolderSource(join(folder, 'nowhere'), readers())
    await missing.look()
    expect(missing.status().problem).toMatch(/There is no folder/)
    writeFileSync(join(folder, 'x.pcap'), 'no capture at all')
    const source = new FolderSource(folder, readers())
    source.start()
    await vi.waitUntil(() => source.status().problem !== null, PATIENCE)
    expect(source.status().problem).toMatch(/x\.pcap is skipped: this is no capture/)
    await source.stop()
  })
})

describe('frames on the capture socket', () => {
  const bytes = Buffer.concat([
    Buffer.from([1, 0, 0, 0, 3]),
    Buffer.from('abc'),
    Buffer.from([3, 0, 0, 0, 0]),
    Buffer.from([2, 0, 0, 0, 1, 9]),
  ])

  test.each([1, 2, 5, 100])('come out the same in pieces of %i bytes', (length) => {
    const frames: string[] = []
    const splitter = new FrameSplitter()
    for (let at = 0; at < bytes.length; at += length)
      expect(
        splitter.add(bytes.subarray(at, at + length), (kind, payload) =>
          frames.push(`${kind}:${payload.toString('hex')}`),
        ),
      ).toBe(true)
    expect(frames).toEqual(['1:616263', '3:', '2:09'])
  })

  test('of a length that nobody sends are refused', () => {
    expect(new FrameSplitter().add(Buffer.from([1, 255, 255, 255, 255]), () => {})).toBe(false)
  })
})
