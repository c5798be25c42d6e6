// Mutations of whole inputs: their captures, logs and state files, and the order of all of them.
import { gzipSync } from 'node:zlib'
import { TEXT_FORMATS } from '../../capture/logs/formats.ts'
import { concat } from '../../server/sample/packets/bytes.ts'
import type { Random } from '../../server/sample/packets/random.ts'
import { WRAPPINGS } from '../capture/logs/wrappings.ts'
import { mutated } from '../support/mutate.ts'
import { mutatedDatagrams } from './datagrams.ts'
import { type Input, ORDERS, type Step } from './input.ts'
import { mutatedJson } from './mutate-json.ts'
import { mutatedPackets } from './mutate-packets.ts'
import { anyFile, MAX_INPUT_BYTES, packetsOf, plainFile } from './packets.ts'

const MAX_STEPS = 8

/** A changed copy; `others` are there to be mixed in. */
export function mutatedInput(input: Input, others: readonly Input[], random: Random): Input {
  let steps = [...input.steps]
  for (let changes = random.pick([1, 1, 1, 2, 3]); changes > 0; changes--) steps = changeSteps(steps, others, random)
  return { steps: steps.slice(0, MAX_STEPS) }
}

function changeSteps(steps: Step[], others: readonly Input[], random: Random): Step[] {
  const other = random.pick(others).steps
  if (steps.length === 0) return [...other]
  const at = random.integer(0, steps.length - 1)
  switch (random.integer(0, 19)) {
    case 0:
      return steps.toSpliced(random.integer(0, steps.length), 0, { kind: 'order', order: random.pick(ORDERS) })
    case 1:
      return steps.toSpliced(random.integer(0, steps.length), 0, random.pick(other))
    case 2:
      return steps.length > 1 ? steps.toSpliced(at, 1) : steps
    case 3:
      return steps.toSpliced(random.integer(0, steps.length), 0, steps[at])
    default:
      return steps.with(at, mutatedStep(steps[at], other, random))
  }
}

function mutatedStep(step: Step, other: readonly Step[], random: Random): Step {
  switch (step.kind) {
    case 'order':
      return { kind: 'order', order: random.pick(ORDERS) }
    case 'capture':
      return { kind: 'capture', bytes: mutatedCapture(step.bytes, captureIn(other), random).slice(0, MAX_INPUT_BYTES) }
    case 'log': {
      const format = random.chance(0.05) ? random.pick(TEXT_FORMATS).id : step.format
      return { ...step, format, bytes: mutatedLog(step.bytes, other, random) }
    }
    case 'connections':
      return { ...step, bytes: mutatedConnections(step.bytes, random).slice(0, MAX_INPUT_BYTES) }
    case 'datagrams': {
      const more = other.find((one) => one.kind === 'datagrams' && one.exporter === step.exporter)
      const bytes = mutatedDatagrams(
        step.bytes,
        more !== undefined && 'bytes' in more ? more.bytes : step.bytes,
        random,
      )
      return { ...step, bytes: bytes.slice(0, MAX_INPUT_BYTES) }
    }
    case 'state':
      return { ...step, bytes: mutatedState(step, random) }
  }
}

function captureIn(steps: readonly Step[]): Uint8Array {
  return steps.find((step) => step.kind === 'capture')?.bytes ?? new Uint8Array(0)
}

/** Mostly its packets; now and then the file around them. */
function mutatedCapture(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const drawn = random.next()
  if (drawn < 0.75) return anyFile(mutatedPackets(packetsOf(bytes), packetsOf(other), random), random)
  if (drawn < 0.9) return mutated(bytes, [other], random)
  if (drawn < 0.94) return mutatedBlocks(bytes, random)
  if (drawn < 0.97) {
    const packed = gzipSync(bytes)
    return random.chance(0.5) ? packed : mutated(packed, [other], random)
  }
  return concat(bytes, random.chance(0.5) ? other : plainFile(packetsOf(other)))
}

/** pcapng: blocks left out, doubled and in another order. Anything else is cut into pieces in their place. */
function mutatedBlocks(bytes: Uint8Array, random: Random): Uint8Array {
  const blocks: Uint8Array[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length;) {
    const length = at + 8 <= bytes.length ? view.getUint32(at + 4, true) : 0
    const step = length >= 12 && at + length <= bytes.length ? length : Math.min(64, bytes.length - at)
    blocks.push(bytes.subarray(at, at + step))
    at += step
  }
  for (let changes = random.integer(1, 4); changes > 0 && blocks.length > 0; changes--) {
    const at = random.integer(0, blocks.length - 1)
    const block = blocks[at]
    if (random.chance(0.3)) blocks.splice(at, 1)
    else if (random.chance(0.5)) blocks.splice(random.integer(0, blocks.length), 0, block)
    else blocks.splice(random.integer(0, blocks.length), 0, ...blocks.splice(at, random.integer(1, 3)))
  }
  return concat(...blocks)
}

function mutatedLog(bytes: Uint8Array, other: readonly Step[], random: Random): Uint8Array {
  const lines = Buffer.from(bytes).toString('latin1').split('\n')
  const at = random.integer(0, lines.length - 1)
  const otherLog = other.find((step) => step.kind === 'log')?.bytes ?? bytes
  switch (random.integer(0, 8)) {
    case 0:
      lines.splice(at, 1)
      break
    case 1:
      lines.splice(random.integer(0, lines.length), 0, lines[at])
      break
    case 2:
      lines[at] = lines[at].replace(/\d+/, () =>
        random.pick(['0', '-1', '1e308', '99999999999999999999', '0x7f', 'NaN']),
      )
      break
    case 3:
      lines[at] = lines[at].replace(/[\d.]+(?=\D*$)/, () =>
        random.pick(['::', '10.0.0.5', '999.1.1.1', 'fe80::1%eth0']),
      )
      break
    case 4:
      lines[at] = lines[at].repeat(random.integer(2, 50))
      break
    case 5: {
      // One transport in another, and again.
      const program = random.pick(['dnsmasq', 'pihole-FTL', 'named', 'unbound', '0123456789ab'])
      for (let depth = random.integer(1, 8); depth > 0; depth--) {
        const second = 1_767_596_401 + random.integer(0, 40_000_000)
        lines[at] = random.pick(Object.values(WRAPPINGS))({ message: lines[at], program, process: 7, second })
      }
      break
    }
    default:
      return mutated(bytes, [otherLog], random)
  }
  return new Uint8Array(Buffer.from(lines.join('\n'), 'latin1'))
}

const COUNTERS = ['0', '1', '19', '-1', '4294967295', '4294967296', '9007199254740991', '99999999999999999999', '1e9']
const ENDS = ['0.0.0.0', '255.255.255.255', '127.0.0.1', '::', '::ffff:10.0.0.1', 'fe80::1%eth0', '203.0.113.9', 'x']

/** Counters that wrap, go back or are none; ends that are nobody's; lines twice, missing, cut, in another order. */
function mutatedConnections(bytes: Uint8Array, random: Random): Uint8Array {
  const lines = Buffer.from(bytes).toString('latin1').split('\n')
  for (let changes = random.integer(1, 6); changes > 0; changes--) {
    const at = random.integer(0, lines.length - 1)
    const numbers = [...lines[at].matchAll(/(?<==)[\d.:a-f]+/g)]
    const field = numbers.length === 0 ? null : random.pick(numbers)
    if (field !== null && random.chance(0.5)) {
      const other = random.pick(random.chance(0.6) ? COUNTERS : ENDS)
      lines[at] = lines[at].slice(0, field.index) + other + lines[at].slice(field.index + field[0].length)
    } else if (random.chance(0.3)) lines.splice(random.integer(0, lines.length), 0, lines[at])
    else if (random.chance(0.2)) lines.splice(at, 1)
    else if (random.chance(0.2)) lines.splice(random.integer(0, lines.length - 1), 0, ...lines.splice(at, 3))
    else lines[at] = Buffer.from(mutated(Buffer.from(lines[at], 'latin1'), [bytes], random)).toString('latin1')
  }
  return new Uint8Array(Buffer.from(lines.join('\n'), 'latin1'))
}

function mutatedState({ file, bytes }: Extract<Step, { kind: 'state' }>, random: Random): Uint8Array {
  if (file === 'history.db' || random.chance(0.2)) return mutatedDatabase(bytes, random)
  return mutatedJson(bytes, random)
}

/** Pages zeroed, cut, exchanged; or bytes changed anywhere. */
function mutatedDatabase(bytes: Uint8Array, random: Random): Uint8Array {
  const page = 4096
  const copy = Uint8Array.from(bytes)
  if (copy.length === 0) return copy
  const at = random.integer(0, Math.floor((copy.length - 1) / page)) * page
  switch (random.integer(0, 4)) {
    case 0:
      return copy.subarray(0, random.integer(0, copy.length))
    case 1:
      copy.fill(0, at, at + page)
      return copy
    case 2:
      copy.copyWithin(at, random.integer(0, Math.floor((copy.length - 1) / page)) * page, at + page)
      return copy
    case 3:
      copy.set(random.bytes(Math.min(64, copy.length - at)), at)
      return copy
    default:
      return mutated(copy, [copy], random)
  }
}
