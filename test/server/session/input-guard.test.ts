// A packet or line at which the engine fails is left out, whatever comes: the others are handled, and the failing ones
// are recognised.
import { describe, expect, test } from 'vitest'
import { READ_TO_ENGINE, READ_TO_HOST } from '../../../capture/core/constants.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { Frame } from '../../../capture/frame.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { faultOf, type InputFault, type InputMark } from '../../../server/model/input-fault.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { InHand } from '../../../server/session/in-hand.ts'
import { InputGuard } from '../../../server/session/input-guard.ts'
import { Pulse } from '../../../server/session/thread-watch.ts'
import { CAMERA, ipLength, SERVER, tcpOut } from '../engine/lab.ts'

function guarded(options: { failedInput?: InputMark[]; isCareful?: boolean } = {}) {
  const shared = Pulse.newMemory()
  const faults: InputFault[] = []
  let now = 1_000
  const guard = new InputGuard({
    failedInput: options.failedInput ?? [],
    inHand: new InHand(shared),
    isCareful: options.isCareful === true,
    onFault: (fault) => faults.push(fault),
    clock: () => now,
  })
  return { guard, faults, atDeath: () => new InHand(shared).read(), pass: (seconds: number) => (now += seconds) }
}

function frameOf(bytes: Uint8Array): Frame {
  let frame: Frame | null = null
  new CaptureReader((read) => (frame = read)).push(pcapFile({}, [{ seconds: 1, bytes }]))
  return frame as unknown as Frame
}

describe('packets', () => {
  test('around 1,000 at which the engine throws are counted to the byte', () => {
    const { guard, faults } = guarded()
    const engine = new Engine({ onTick: () => {} })
    const good = tcpOut(CAMERA, SERVER)
    let failures = 0
    const handle = (frame: Frame): void => {
      if (frame.bytes[frame.end - 1] === 0x66 && frame.end - frame.at > good.length) {
        failures++
        throw new RangeError('Invalid time value')
      }
      engine.packet(frame)
    }
    const packets = Array.from({ length: 2_000 }, (_, index) => ({
      seconds: 1_000 + index,
      bytes: index % 2 === 0 ? good : tcpOut(CAMERA, SERVER, { payload: text(`${index} f`) }),
    }))
    new CaptureReader((frame) => guard.packet(frame, handle)).push(pcapFile({}, packets))
    engine.finish()
    expect(failures).toBe(1_000)
    expect(guard.leftOut).toBe(1_000)
    expect(engine.ipBytes).toBe(1_000 * ipLength(good))
    // A flood of faults is counted, and only its beginning is reported.
    expect(faults.length).toBeLessThan(100)
  })

  test('at which the engine throws in the core cost nothing but themselves, and the rest come one by one', () => {
    const { guard, faults } = guarded()
    const engine = new Engine({ onTick: () => {} })
    // The core asks for the reading of a request's program: the only place outside of it here that can throw.
    engine.core.host.observeUserAgent = () => {
      throw new RangeError('Invalid user agent')
    }
    const good = tcpOut(CAMERA, SERVER)
    const poison = tcpOut(CAMERA, SERVER, { payload: text('GET / HTTP/1.1\r\nUser-Agent: poison\r\n\r\n') })
    let [isEasy, oneByOne] = [true, 0]
    const failed = new Frame()
    const reader = new CaptureReader({
      core: engine.core,
      mode: () => (isEasy ? READ_TO_ENGINE : READ_TO_HOST),
      onPacket: (frame) => guard.packet(frame, (one) => (oneByOne++, engine.packet(one))),
      onFault: (error) => {
        failed.loadRecord(engine.core)
        guard.failedPacket(failed, error)
        isEasy = false
      },
    })
    const packets = [good, good, poison, good, good, good].map((bytes, index) => ({ seconds: 1_000 + index, bytes }))
    reader.push(pcapFile({}, packets))
    engine.finish()
    expect([reader.packets, oneByOne, guard.leftOut, engine.packets]).toEqual([6, 3, 1, 6])
    expect(faults).toMatchObject([{ kind: 'packet' }])
    // The packet at which it failed was counted as one, and belongs to no row.
    expect(engine.ipBytes).toBe(5 * ipLength(good) + ipLength(poison))
  })

  test('that failed twice are not handled a third time, nor by the next thread', () => {
    const { guard, faults } = guarded()
    const bytes = tcpOut(CAMERA, SERVER, { payload: text('poison') })
    let handled = 0
    const fail = (): void => {
      handled++
      throw new Error('poisoned')
    }
    for (let time = 0; time < 5; time++) guard.packet(frameOf(bytes), fail)
    expect([handled, guard.leftOut, faults.length]).toEqual([2, 5, 2])
    const next = guarded({ failedInput: faults })
    next.guard.packet(frameOf(bytes), fail)
    next.guard.packet(frameOf(tcpOut(CAMERA, SERVER)), () => handled++)
    expect([handled, next.guard.leftOut]).toEqual([3, 1])
  })

  test('in hand of a thread that never comes back are known to others, where one was lost before', () => {
    const bytes = tcpOut(CAMERA, SERVER, { payload: text('endless') })
    const careful = guarded({ isCareful: true })
    let seen: ReturnType<typeof careful.atDeath> = null
    careful.guard.packet(frameOf(bytes), () => (seen = careful.atDeath()))
    expect(seen).toEqual({ kind: 'packet', bytes })
    expect(careful.atDeath()).toBeNull()
    const easy = guarded()
    easy.guard.packet(frameOf(bytes), () => (seen = easy.atDeath()))
    expect(seen).toBeNull()
    // An hour without a loss: packets are noted no more.
    careful.pass(3_601)
    careful.guard.rest()
    careful.guard.packet(frameOf(bytes), () => (seen = careful.atDeath()))
    expect(seen).toBeNull()
  })
})

test('a line of a log at which the engine fails is left out', () => {
  const { guard, faults } = guarded()
  const read: string[] = []
  for (const line of ['one', 'poison', 'two'])
    guard.line(line, () => {
      if (line === 'poison') throw new Error('poisoned')
      read.push(line)
    })
  expect(read).toEqual(['one', 'two'])
  expect(faults).toMatchObject([{ kind: 'line' }])
})

test('the tables are renewed after a fault, but not for each one of many', () => {
  const { guard, pass } = guarded()
  const fail = (): void => {
    throw new Error('poisoned')
  }
  expect(guard.isRenewalDue()).toBe(false)
  guard.line('a', fail)
  expect(guard.isRenewalDue()).toBe(true)
  guard.line('b', fail)
  expect(guard.isRenewalDue()).toBe(false)
  pass(60)
  expect(guard.isRenewalDue()).toBe(true)
  pass(60)
  expect(guard.isRenewalDue()).toBe(false)
})

test('a file is refused by its first bytes', () => {
  const head = text('the head of a file')
  const { guard } = guarded({ failedInput: [faultOf('file', head, 'it stopped the engine', true)] })
  expect(guard.mayRead(head)).toBe(false)
  expect(guard.mayRead(text('the head of another'))).toBe(true)
})
