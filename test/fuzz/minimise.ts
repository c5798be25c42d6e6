// The smallest input that still breaks the same thing: steps, packets, lines and bytes left out one after the other.
import { concat } from '../../server/sample/packets/bytes.ts'
import { joinDatagrams, splitDatagrams } from './datagrams.ts'
import type { Input } from './input.ts'
import { packetsOf, plainFile } from './packets.ts'

/** Whether the input still breaks it. */
export type Breaks = (input: Input) => Promise<boolean>

const MAX_TRIES = 400

export async function minimised(input: Input, breaks: Breaks): Promise<Input> {
  let triesLeft = MAX_TRIES
  const tried: Breaks = async (smaller) => triesLeft-- > 0 && (await breaks(smaller))
  let best = await minimisedSteps(input, tried)
  for (let at = 0; at < best.steps.length; at++) best = await minimisedStep(best, at, tried)
  return best
}

async function minimisedSteps(input: Input, breaks: Breaks): Promise<Input> {
  const steps = await leftOut([...input.steps], (fewer) => breaks({ steps: fewer }))
  return { steps }
}

async function minimisedStep(input: Input, at: number, breaks: Breaks): Promise<Input> {
  const step = input.steps[at]
  if (step.kind === 'order') return input
  const withBytes = (bytes: Uint8Array): Input => ({ steps: input.steps.with(at, { ...step, bytes }) })
  if (step.kind === 'capture') {
    const packets = packetsOf(step.bytes)
    if (await breaks(withBytes(plainFile(packets)))) {
      const fewer = await leftOut(packets, (some) => breaks(withBytes(plainFile(some))))
      return withBytes(plainFile(fewer))
    }
  }
  if (step.kind === 'datagrams') {
    const fewer = await leftOut(splitDatagrams(step.bytes), (some) => breaks(withBytes(joinDatagrams(some))))
    return withBytes(joinDatagrams(fewer))
  }
  const pieces = step.kind === 'log' || step.kind === 'connections' ? linesOf(step.bytes) : piecesOf(step.bytes)
  return withBytes(concat(...(await leftOut(pieces, (fewer) => breaks(withBytes(concat(...fewer)))))))
}

/** Zeller's ddmin: halves, quarters, … are left out as long as it still breaks. */
async function leftOut<Part>(parts: readonly Part[], breaks: (fewer: Part[]) => Promise<boolean>): Promise<Part[]> {
  let left = [...parts]
  for (let size = Math.ceil(left.length / 2); size >= 1 && left.length > 0;) {
    let wasSmaller = false
    for (let at = 0; at < left.length;) {
      const fewer = left.toSpliced(at, size)
      if (await breaks(fewer)) {
        left = fewer
        wasSmaller = true
      } else at += size
    }
    if (size === 1 && !wasSmaller) break
    if (!wasSmaller || size > left.length) size = Math.max(1, Math.floor(size / 2))
  }
  return left
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at)
    const next = end < 0 ? bytes.length : end + 1
    lines.push(bytes.subarray(at, next))
    at = next
  }
  return lines
}

function piecesOf(bytes: Uint8Array): Uint8Array[] {
  const size = Math.max(1, Math.ceil(bytes.length / 256))
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}
