// The parts of a sensor: how clocks are compared, times moved, keys written; and what each end does with a peer that is
// slow, silent, damaged, or another program.
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { createServer as createPlainServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { filterOf, MAX_ENDS, readEnds } from '../../../capture/sources/capture-ends.ts'
import {
  doublesOf,
  FRAME_BYTES,
  FRAME_HELLO,
  FRAME_PROBLEM,
  FRAME_TIME,
  frameOf,
  FrameSplitter,
} from '../../../capture/sources/frames.ts'
import { PcapTimes } from '../../../capture/sources/pcap-times.ts'
import { parseSensorPlace, SensorSource, source } from '../../../capture/sources/sensor.ts'
import { ClockOffset } from '../../../capture/sources/sensor-clock.ts'
import { codeOfKey, KEYS_FILE, keyOfCode, newSensorKey, sensorKeysText } from '../../../capture/sources/sensor-key.ts'
import { SensorRun } from '../../../capture/sources/sensor-run.ts'
import { serveSensor } from '../../../capture/sources/sensor-server.ts'
import { sensorTlsServer } from '../../../capture/sources/sensor-tls.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'

let folder = ''
const cleanups: (() => unknown)[] = []
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'telltale-sensor-parts-'))))
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
  rmSync(folder, { recursive: true, force: true })
})

describe('the difference of two clocks', () => {
  test('is that of the quickest answer', () => {
    const clock = new ClockOffset(() => 0)
    expect(clock.offset).toBeNull()
    clock.add(100, 102.4, 100.9)
    clock.add(101, 103.005, 101.01)
    clock.add(102, 104.4, 102.8)
    expect(clock.offset).toBeCloseTo(2, 5)
  })

  test('is the new one once a clock was set', () => {
    const clock = new ClockOffset(() => 0)
    clock.add(100, 102.005, 100.01)
    clock.add(101, 101.05, 101.1)
    expect(clock.offset).toBeCloseTo(0, 5)
  })

  test('follows a drift, and leaves out answers that cannot be', () => {
    let now = 0
    const clock = new ClockOffset(() => now)
    clock.add(100, 100.0005, 100.001)
    now = 61_000
    clock.add(161, 161.006, 161.006)
    expect(clock.offset).toBeCloseTo(0.003, 6)
    clock.add(162, Number.NaN, 162.001)
    clock.add(163, 163, 162)
    expect(clock.offset).toBeCloseTo(0.003, 6)
  })
})

describe('times of packets', () => {
  const frames = [1, 2, 3].map((length) => new Uint8Array(60 * length).fill(length))
  const capture = (seconds: number, nanos: number): Buffer =>
    Buffer.concat([pcapHeader(), ...frames.map((bytes) => pcapRecord({ seconds, nanos, bytes }))])

  test.each([1, 7, 16, 1000])('are moved in pieces of %d bytes, and nothing else is', (length) => {
    const times = new PcapTimes()
    times.shift = -1.25
    const from = capture(1_700_000_000, 125_000_000)
    const pieces: Buffer[] = []
    for (let at = 0; at < from.length; at += length)
      pieces.push(Buffer.from(times.push(from.subarray(at, at + length))))
    expect(Buffer.concat(pieces)).toEqual(capture(1_699_999_998, 875_000_000))
  })

  test.each([1, 7, 16, 1000])('decide, in pieces of %d bytes, what comes too late', (length) => {
    const record = (seconds: number): Uint8Array =>
      pcapRecord({ seconds, bytes: new Uint8Array(50).fill(seconds & 0xff) })
    const all = [90, 98, 91, 92, 99, 93].map((second) => record(1_700_000_000 + second))
    const times = new PcapTimes()
    times.earliest = 1_700_000_095
    const from = Buffer.concat([pcapHeader(), ...all])
    const pieces: Buffer[] = []
    for (let at = 0; at < from.length; at += length)
      pieces.push(Buffer.from(times.push(from.subarray(at, at + length))))
    expect(Buffer.concat(pieces)).toEqual(Buffer.concat([pcapHeader(), all[1], all[4]]))
    expect(times.late).toBe(4)
  })

  test('of what is no capture stay, as the reader judges it', () => {
    const times = new PcapTimes()
    times.shift = 5
    const garbage = Buffer.alloc(100, 0xee)
    expect(times.push(garbage)).toEqual(Buffer.alloc(100, 0xee))
    const other = new PcapTimes()
    other.shift = 5
    const torn = capture(1_700_000_000, 0)
    torn.writeUInt32LE(0xffff_ffff, 24 + 8)
    expect(other.push(Buffer.from(torn))).toEqual(torn)
  })
})

describe('a pairing code', () => {
  test('is read as it is written, in capitals, without hyphens and with letters that are taken for others', () => {
    const key = newSensorKey()
    const code = codeOfKey(key)
    expect(code).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{5}-){10}[0-9a-hjkmnp-tv-z]{5}$/)
    for (const text of [
      code,
      ` ${code.toUpperCase()}\n`,
      code.replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l'),
    ])
      expect(keyOfCode(text)).toEqual(key)
  })

  test('with a mistake is none', () => {
    const code = codeOfKey(Buffer.alloc(32, 7))
    const other = code.startsWith('0') ? '1' : '0'
    for (const text of ['', 'u', code.slice(1), `${code}0`, other + code.slice(1), code.slice(0, -1) + 'z'])
      expect(keyOfCode(text)).toBeNull()
  })
})

describe('streams that carry captures', () => {
  test('are left out of a capture, tagged or not', () => {
    const ends = [
      { address: '192.168.1.7', port: 7443 },
      { address: 'fd00::9', port: 22 },
    ]
    const streams = 'tcp and ((host 192.168.1.7 and port 7443) or (host fd00::9 and port 22))'
    expect(filterOf(ends)).toBe(`not ((${streams}) or (vlan and ${streams}))`)
    expect(filterOf(ends, false)).toBe(`not (${streams})`)
    expect(filterOf([])).toBe('')
  })

  test('are taken of another machine’s words only where they are addresses and ports', () => {
    const good = { address: '192.168.1.7', port: 7443 }
    const bad = [null, 5, {}, { ...good, port: 0 }, { ...good, port: 1.5 }, { ...good, address: '$(id)' }]
    expect(readEnds([...bad, good, { address: 'fe80::1%eth0', port: 1 }])).toEqual([good])
    expect(readEnds('x')).toEqual([])
    expect(readEnds(Array.from({ length: 500 }, () => good))).toHaveLength(MAX_ENDS)
  })
})

test.each([
  ['192.168.1.7:7443', { address: '192.168.1.7', port: 7443 }],
  ['[FD00::7]:7443', { address: 'fd00::7', port: 7443 }],
  ['192.168.1.7', null],
  ['fd00::7:7443', null],
  ['192.168.1.700:1', null],
  ['pi.local:7443', null],
  ['192.168.1.7:70000', null],
])('the place %s of a sensor', (text, place) => expect(parseSensorPlace(text)).toEqual(place))

test('a sensor over ssh is named with its interface', () => {
  const named = { place: null, ssh: { host: 'pi@192.168.1.7', port: 2222, interfaceName: 'eth0' } }
  expect(source.parseLine('ssh pi@192.168.1.7:2222 eth0')).toMatchObject(named)
  expect(source.parseArgument('sensor:ssh:pi@192.168.1.7:2222/eth0')).toMatchObject(named)
  for (const line of ['ssh -oProxyCommand=id eth0', 'ssh pi@192.168.1.7 $(id)', 'ssh pi@192.168.1.7'])
    expect(source.parseLine(line)).toBeNull()
})

/** A tcpdump that gives as much as is taken, 64 kB at a time. */
function endlessTcpdump(): string {
  const path = join(folder, 'tcpdump')
  const head = Buffer.from(pcapHeader())
  const piece = Buffer.concat(
    Array.from({ length: 40 }, () => pcapRecord({ seconds: 1_700_000_000, nanos: 0, bytes: new Uint8Array(1500) })),
  )
  writeFileSync(join(folder, 'head'), head)
  writeFileSync(join(folder, 'piece'), piece)
  writeFileSync(
    path,
    `#!/bin/sh\ncase "$*" in *" -d "*) exit 0;; esac\ncat '${folder}/head'; while cat '${folder}/piece'; do :; done\n`,
  )
  chmodSync(path, 0o755)
  return path
}

/** The other side of a sensor's connection, which takes nothing while it is told so. */
class SlowPeer {
  taken = 0
  isTaking = true
  private waiting: (() => void) | null = null
  readonly frames: number[] = []
  private readonly splitter = new FrameSplitter()
  readonly stream = new Duplex({
    read: () => {},
    write: (piece: Buffer, _encoding, done) => {
      this.taken += piece.length
      this.splitter.add(piece, (kind) => this.frames.push(kind))
      if (this.isTaking) setImmediate(done)
      else this.waiting = done
    },
  })

  say(line: string): void {
    this.stream.push(`${line}\n`)
  }

  resume(): void {
    this.isTaking = true
    this.waiting?.()
  }
}

function runFor(peer: SlowPeer, bytesPerSecond = 1e9): SensorRun {
  const run = new SensorRun(peer.stream, { interfaceName: 'lo', bytesPerSecond, own: [], command: endlessTcpdump() })
  cleanups.push(() => run.stop())
  return run
}

describe('a sensor', () => {
  test('keeps nothing for a Telltale that takes nothing, and goes on when it does', async () => {
    const peer = new SlowPeer()
    runFor(peer)
    peer.say('{"telltale":1,"ends":[]}')
    peer.say('begin')
    await vi.waitUntil(() => peer.taken > 1_000_000, { timeout: 10_000 })
    peer.isTaking = false
    const taken = peer.taken
    // Its tcpdump could give gigabytes meanwhile.
    let [most, looks] = [0, 0]
    await vi.waitUntil(
      () => {
        most = Math.max(most, peer.stream.writableLength)
        return ++looks > 20
      },
      { interval: 5, timeout: 10_000 },
    )
    expect(most).toBeLessThan(1_000_000)
    expect(peer.taken - taken).toBeLessThan(1_000_000)
    peer.resume()
    await vi.waitUntil(() => peer.taken > taken + 2_000_000, { timeout: 10_000 })
  })

  test('sends no more than its limit', async () => {
    const peer = new SlowPeer()
    const limit = 2_000_000
    runFor(peer, limit)
    peer.say('{"telltale":1}')
    const began = performance.now()
    peer.say('begin')
    await vi.waitUntil(() => peer.taken > limit, { timeout: 10_000 })
    const seconds = (performance.now() - began) / 1000
    // A tenth of a second's worth comes at once, and one piece of 64 kB more.
    expect(peer.taken).toBeLessThan(limit * (seconds + 0.1) + 140_000)
  })

  test.each(['no JSON', '{"telltale":"1"}', 'null', `"${'x'.repeat(20_000)}`])(
    'ends with whoever begins with %.20s',
    async (line) => {
      const peer = new SlowPeer()
      runFor(peer)
      const closed = new Promise<void>((resolve) => peer.stream.once('close', () => resolve()))
      peer.say(line)
      await closed
      expect(peer.taken).toBe(0)
    },
  )

  test('answers no address that was not named', async () => {
    const said: string[] = []
    const key = newSensorKey()
    const server = await serveSensor({
      address: '127.0.0.1',
      port: 0,
      peers: ['192.0.2.1'],
      key,
      interfaceName: 'lo',
      bytesPerSecond: 1e6,
      say: (sentence) => said.push(sentence),
    })
    cleanups.push(() => server.close())
    const home = await openSource(server.port, key)
    await vi.waitUntil(() => home.status().problem !== null)
    expect(home.status().problem).toContain('refuses this machine: start it with --for')
    expect(said).toEqual(['127.0.0.1 was refused: it is not named with --for.'])
  })
})

/** A source that is paired with what listens at the port. */
async function openSource(port: number, key: Buffer): Promise<SensorSource> {
  writeFileSync(join(folder, KEYS_FILE), sensorKeysText(new Map([[`127.0.0.1:${port}`, key]])))
  const sensor = new SensorSource(
    { place: { address: '127.0.0.1', port }, ssh: null },
    { openReader: () => new CaptureReader(() => {}), stateFolder: folder },
  )
  cleanups.push(() => sensor.stop())
  sensor.start()
  return Promise.resolve(sensor)
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** One that has the key, and sends what it likes. */
async function falseSensor(send: (socket: TLSSocket) => void): Promise<SensorSource> {
  const key = newSensorKey()
  const tls = sensorTlsServer(key, (socket) => {
    socket.on('error', () => {})
    send(socket)
  })
  const port = await listening(createPlainServer((socket) => void tls.emit('connection', socket)))
  return await openSource(port, key)
}

const hello = frameOf(FRAME_HELLO, Buffer.from('{"version":1}'))

describe('Telltale, of a sensor', () => {
  test.each<[string, (socket: TLSSocket) => void, string]>([
    ['that sends noise', (socket) => socket.write(Buffer.alloc(5000, 0xee)), 'What the sensor sends is damaged.'],
    [
      'of another version',
      (socket) => socket.write(frameOf(FRAME_HELLO, Buffer.from('{"version":2}'))),
      'of another version',
    ],
    [
      'with a hello that is none',
      (socket) => socket.write(frameOf(FRAME_HELLO, Buffer.from('[1'))),
      'of another version',
    ],
    ['that begins with packets', (socket) => socket.write(frameOf(FRAME_BYTES, Buffer.alloc(10))), 'is no sensor'],
    [
      'that says what is wrong',
      (socket) =>
        socket.end(Buffer.concat([hello, frameOf(FRAME_PROBLEM, Buffer.from('The interface eth0\u001b[2J is down.'))])),
      'The interface eth0?[2J is down.',
    ],
    ['that hangs up', (socket) => socket.end(hello), 'ended the connection'],
  ])('%s: says so', async (_name, send, problem) => {
    const home = await falseSensor(send)
    await vi.waitUntil(() => home.status().state === 'failed', { timeout: 10_000 })
    expect(home.status().problem).toContain(problem)
  })

  test('whose packets are damaged: says so, and tries again', async () => {
    const home = await falseSensor((socket) => {
      socket.write(hello)
      socket.on('data', (piece: Buffer) => {
        for (const line of piece.toString().split('\n')) {
          if (line.startsWith('time ')) socket.write(frameOf(FRAME_TIME, doublesOf(Number(line.slice(5)), Number.NaN)))
          if (line === 'begin') socket.write(frameOf(FRAME_BYTES, Buffer.alloc(1000, 0xee)))
        }
      })
    })
    await vi.waitUntil(() => home.status().problem !== null, { timeout: 10_000 })
    expect(home.status().problem).toContain('What arrives is damaged')
  })

  test('another program answers: says so', async () => {
    const port = await listening(createPlainServer((socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n')))
    const home = await openSource(port, newSensorKey())
    await vi.waitUntil(() => home.status().problem !== null)
    expect(home.status().problem).toContain('is no sensor of Telltale')
  })

  test('nobody is paired with: says how', async () => {
    const home = new SensorSource(
      { place: { address: '127.0.0.1', port: 9 }, ssh: null },
      { openReader: () => new CaptureReader(() => {}), stateFolder: folder },
    )
    cleanups.push(() => home.stop())
    home.start()
    await vi.waitUntil(() => home.status().problem !== null)
    expect(home.status().problem).toContain(`telltale sensor pair 127.0.0.1:9 --state ${folder}`)
  })

  test('none runs: says so', async () => {
    const server = createPlainServer()
    const port = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    const home = await openSource(port, newSensorKey())
    await vi.waitUntil(() => home.status().problem !== null)
    expect(home.status().problem).toBe(
      `No sensor runs at 127.0.0.1:${port}. Start it there: sudo systemctl start telltale-sensor`,
    )
  })
})

test('over ssh the same frames come through its stdout, and what ssh says is explained', async () => {
  const ssh = join(folder, 'ssh')
  writeFileSync(ssh, `#!/bin/sh\necho 'Permission denied (publickey).' >&2; exit 255\n`)
  chmodSync(ssh, 0o755)
  const home = new SensorSource(
    { place: null, ssh: { host: 'pi@192.0.2.7', interfaceName: 'eth0', command: ssh } },
    { openReader: () => new CaptureReader(() => {}) },
  )
  cleanups.push(() => home.stop())
  home.start()
  await vi.waitUntil(() => home.status().problem !== null)
  expect(home.status().problem).toContain('pi@192.0.2.7 does not accept the key')
})
