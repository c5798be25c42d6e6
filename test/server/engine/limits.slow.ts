// A flood of a million names costs no more than one of a hundred thousand.
import { expect, test } from 'vitest'
import { LIMITS } from '../../../server/engine/limits.ts'
import { CAMERA, dnsAnswerA, dnsQuery, namesOf, newLab, PHONE, SERVER, tcpOut, tlsHello } from './lab.ts'

/** Heap and buffers in use after this many random names, and the engine. */
function flood(names: number): { bytes: number; lab: ReturnType<typeof newLab> } {
  const lab = newLab()
  const frame = dnsQuery(PHONE, 'x0000000.flood.example')
  const nameAt = Buffer.from(frame).indexOf('x0000000') + 1
  const before = process.memoryUsage()
  for (let index = 0; index < names; index++) {
    for (let digit = 6, rest = index; digit >= 0; digit--, rest = Math.floor(rest / 10))
      frame[nameAt + digit] = 0x30 + (rest % 10)
    lab.add(1 + index / 1e6, frame)
  }
  const after = process.memoryUsage()
  return { bytes: after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers, lab }
}

test('a million random names by one device leave the others named and the memory bounded', () => {
  const { bytes, lab } = flood(1_000_000)
  console.log(`a million random names: ${(bytes / 1e6).toFixed(1)} MB`)
  expect(lab.engine.names.size).toBe(LIMITS.namesPerDevice)
  expect(bytes).toBeLessThan(100e6)
  lab.add(10, dnsAnswerA(CAMERA, 'camera.example', SERVER))
  lab.add(11, tcpOut(CAMERA, SERVER, { payload: tlsHello('camera.example') }))
  expect(namesOf(lab.analyze(), CAMERA)).toEqual(['camera.example tls'])
})
