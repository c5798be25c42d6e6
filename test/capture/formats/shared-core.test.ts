// Several readers take turns at one core, packets are counted without a look into them, and what a packet's taker
// throws costs that packet alone.
import { describe, expect, test } from 'vitest'
import { READ_TO_COUNT, READ_TO_HOST } from '../../../capture/core/constants.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { READ_LENGTH } from '../../../capture/formats/limits.ts'
import { Frame } from '../../../capture/frame.ts'
import { pcapFile, pcapngFile, type CapturedPacket } from '../../../server/sample/packets/pcap-writer.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { newCore } from '../../support/core.ts'
import { impossibleClocks, POSSIBLE } from '../../support/impossible-clocks.ts'
import { readCapture, seenPacket, type SeenPacket } from '../../support/read-capture.ts'

function randomPackets(seed: number, count: number): CapturedPacket[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, index) => ({
    seconds: POSSIBLE + index,
    nanos: random.integer(0, 999_999) * 1000,
    bytes: random.bytes(random.integer(0, 200)),
  }))
}

function pcapng(seed: number): Uint8Array {
  return pcapngFile({
    byteOrder: seed % 2 === 0 ? 'big' : 'little',
    blocks: [
      { kind: 'interface', interface: { resolution: { exponent: seed } } },
      { kind: 'interface', interface: { linkType: 101 } },
      ...randomPackets(seed, 40).map((packet, index) => ({ kind: 'packet', packet, interface: index % 2 }) as const),
      { kind: 'simple', bytes: Uint8Array.of(seed) },
      { kind: 'packet', interface: 7, packet: { seconds: 1, bytes: Uint8Array.of(1) } },
    ],
  })
}

const FILES = [
  pcapFile({}, randomPackets(1, 60)),
  pcapFile({ byteOrder: 'big', resolution: 'nano', modified: true, linkType: 101 }, randomPackets(2, 60)),
  pcapng(6),
  pcapng(9),
  impossibleClocks(Uint8Array.from({ length: 60 }, (_, index) => index))[0]?.bytes,
  Uint8Array.from('no capture', (letter) => letter.charCodeAt(0)),
]

describe('readers of one core', () => {
  test.each([1, 2, 3, 4, 5])('that take turns read what each reads alone (seed %i)', (seed) => {
    const random = seededRandom(seed)
    const core = newCore()
    const turns = FILES.map((file) => {
      const packets: SeenPacket[] = []
      const onPacket = (frame: Frame): void => void packets.push(seenPacket(frame))
      return { file, packets, at: 0, reader: new CaptureReader({ core, mode: READ_TO_HOST, onPacket }) }
    })
    for (let open = turns; open.length > 0; open = open.filter(({ at, file }) => at < file.length)) {
      const turn = random.pick(open)
      const length = random.integer(1, 150)
      turn.reader.push(turn.file.subarray(turn.at, turn.at + length))
      turn.at += length
    }
    for (const { file, packets, reader } of turns) {
      reader.end()
      const alone = readCapture(file)
      expect(packets).toEqual(alone.packets)
      expect(reader.allProblems()).toEqual(alone.problems)
      const { packets: count, frameBytes, dropped, linkTypes, bytesRead } = alone.reader
      expect(reader).toMatchObject({ packets: count, frameBytes, dropped, linkTypes, bytesRead })
    }
  })

  test('leave the taking of packets to the host of the core where they have no taker of their own', () => {
    const core = newCore()
    const seen: number[] = []
    core.host.takePacket = () => {
      const frame = new Frame()
      frame.load(core)
      seen.push(frame.end - frame.at)
    }
    const packets = randomPackets(3, 10)
    new CaptureReader({ core, mode: READ_TO_HOST }).push(pcapFile({}, packets))
    expect(seen).toEqual(packets.map(({ bytes }) => bytes.length))
  })
})

describe('a reader whose core is another one from time to time', () => {
  test.each([1, 2, 3, 4, 5])('reads what it reads in one core (seed %i)', (seed) => {
    const random = seededRandom(seed)
    for (const file of FILES) {
      let core = newCore()
      const packets: SeenPacket[] = []
      const onPacket = (frame: Frame): void => void packets.push(seenPacket(frame))
      const reader = new CaptureReader({ core: () => core, mode: READ_TO_HOST, onPacket })
      for (let at = 0; at < file.length;) {
        const length = random.integer(1, 400)
        reader.push(file.subarray(at, at + length))
        at += length
        if (random.integer(0, 2) === 0) core = newCore()
      }
      reader.end()
      const alone = readCapture(file)
      expect(packets).toEqual(alone.packets)
      expect(reader.allProblems()).toEqual(alone.problems)
      const { packets: count, frameBytes, dropped, linkTypes, bytesRead } = alone.reader
      expect(reader).toMatchObject({ packets: count, frameBytes, dropped, linkTypes, bytesRead })
    }
  })

  test('leaves the core that it came from to the readers that are still there', () => {
    const [first, second] = [newCore(), newCore()]
    let core = first
    const moving = new CaptureReader({ core: () => core, mode: READ_TO_COUNT })
    const staying = new CaptureReader({ core: first, mode: READ_TO_COUNT })
    const file = pcapFile({}, randomPackets(4, 30))
    for (let at = 0; at < file.length; at += 50) {
      moving.push(file.subarray(at, at + 50))
      staying.push(file.subarray(at, at + 50))
      if (at > file.length / 2) core = second
    }
    expect([moving.packets, staying.packets]).toEqual([30, 30])
  })
})

test('where packets go may change from one piece to the next', () => {
  const seen: number[] = []
  let mode: number = READ_TO_HOST
  const onPacket = (): void => void seen.push(reader.packets)
  const reader = new CaptureReader({ core: newCore(), mode: () => mode, onPacket })
  for (const [index, packet] of randomPackets(5, 6).entries()) {
    mode = index === 2 || index === 3 ? READ_TO_COUNT : READ_TO_HOST
    reader.push(pcapFile({}, [packet]).subarray(index === 0 ? 0 : 24))
  }
  expect([reader.packets, seen]).toEqual([6, [1, 2, 5, 6]])
})

describe('packets that are counted only', () => {
  const packets = [5, 3, 9, 4].map((second) => ({
    seconds: POSSIBLE + second,
    nanos: 250_000_000,
    bytes: Uint8Array.of(second),
  }))

  test('have an earliest and a latest time', () => {
    const reader = new CaptureReader({ core: newCore(), mode: READ_TO_COUNT })
    reader.push(pcapFile({}, packets))
    reader.end()
    expect(reader).toMatchObject({ packets: 4, firstTime: POSSIBLE + 3.25, lastTime: POSSIBLE + 9.25 })
  })

  test('count at the time of the file where theirs is impossible', () => {
    const reader = new CaptureReader({ core: newCore(), mode: READ_TO_COUNT }, { fileTime: POSSIBLE + 0.5 })
    reader.push(
      pcapngFile({
        blocks: [
          { kind: 'interface', interface: { resolution: { exponent: 0 } } },
          { kind: 'packet', packet: { seconds: 2 ** 33, bytes: Uint8Array.of(1) } },
        ],
      }),
    )
    expect([reader.firstTime, reader.lastTime]).toEqual([Infinity, -Infinity])
    reader.end()
    expect([reader.firstTime, reader.lastTime]).toEqual([POSSIBLE, POSSIBLE])
  })

  test('have none where there is no packet', () => {
    const reader = new CaptureReader({ core: newCore(), mode: READ_TO_COUNT })
    reader.push(pcapFile({}, []))
    expect([reader.firstTime, reader.lastTime]).toEqual([Infinity, -Infinity])
  })
})

describe('what the taker of a packet throws', () => {
  test.each(FILES.slice(0, 4).map((file, index) => [index, file] as const))(
    'comes through, and the next piece goes on behind the packet (file %i)',
    (_, file) => {
      const whole = readCapture(file)
      const seen: SeenPacket[] = []
      const reader = new CaptureReader((frame) => {
        seen.push(seenPacket(frame))
        if (seen.length % 10 === 3) throw new Error('not this one')
      })
      let thrown = 0
      const attempt = (read: () => void): void => {
        try {
          read()
        } catch (error) {
          expect((error as Error).message).toBe('not this one')
          thrown++
        }
      }
      attempt(() => reader.push(file))
      while (reader.filled > 0) attempt(() => reader.commit(0))
      reader.end()
      expect(seen).toEqual(whole.packets)
      expect(reader.allProblems()).toEqual(whole.problems)
      expect(thrown).toBe(Math.ceil((whole.packets.length - 2) / 10))
      expect(reader.bytesRead).toBe(file.length)
    },
  )
})

test('the room for bytes is never empty, and never longer than one read', () => {
  const reader = new CaptureReader(() => {})
  const [file] = FILES as [Uint8Array]
  expect(reader.room()).toHaveLength(READ_LENGTH)
  reader.push(file.subarray(0, -1))
  expect(reader.room().length).toBeGreaterThan(0)
  expect(reader.room().length).toBeLessThanOrEqual(READ_LENGTH)
})
