// Every IP byte that the engine took, once: in devices' rows, or in a remainder that says why it is in none.
import { REST_NO_ADDRESS, REST_PASSING, REST_TO_GROUP } from '../../capture/core/constants.ts'
import type { Engine } from '../engine/engine.ts'
import { BindingNumber } from '../engine/row-table.ts'
import { type CountedBytes, type Remainder, type RemainderReason, remainderOf } from '../model/remainder.ts'
import { bindingsOfNobody } from './devices.ts'

const RESTS: readonly [RemainderReason, number][] = [
  ['passing-by', REST_PASSING],
  ['groups', REST_TO_GROUP],
  ['no-address', REST_NO_ADDRESS],
]

/** `hasFaults`: packets could not be processed; whatever they did not get to is a remainder as well. */
export function countBytes(engine: Engine, hasFaults = false): CountedBytes {
  const { rows, ownership } = engine
  const number = (binding: number, field: number): number => rows.bindingNumber(binding, field)
  let internet = 0
  for (let binding = 0; binding < ownership.bindingsUsed; binding++)
    internet += number(binding, BindingNumber.Sent) + number(binding, BindingNumber.Received)
  let local = engine.localBytes
  let nobodys = 0
  for (const binding of bindingsOfNobody(engine)) {
    const outside = number(binding, BindingNumber.Sent) + number(binding, BindingNumber.Received)
    const alone = number(binding, BindingNumber.Alone)
    internet -= outside
    local -= alone
    nobodys += outside + alone
  }
  const remainder = remaindersOf(engine, nobodys)
  if (hasFaults) {
    const counted = remainder.reduce((sum, { bytes }) => sum + bytes, internet + local)
    const bytes = engine.ipBytes - counted
    if (bytes !== 0) remainder.push(remainderOf('unprocessed', bytes))
  }
  return { internet, local, remainder }
}

/**
 * Bytes that are in no device's row, as far as is known while packets come: of flows that go on, too, and of paused
 * devices, whose packets are no part of the engine's sums.
 */
function listRemainders(engine: Engine): Remainder[] {
  const remainder = remaindersOf(engine, 0)
  if (engine.excludedBytes > 0) remainder.push(remainderOf('paused', engine.excludedBytes, engine.excluded))
  return remainder
}

/** Their bytes by reason, on top of those `before`: of the tables before these. */
export function addRemainders(engine: Engine, before: Record<string, number>): Record<string, number> {
  const sums = { ...before }
  for (const { reason, bytes } of listRemainders(engine)) sums[reason] = (sums[reason] ?? 0) + bytes
  return sums
}

function remaindersOf(engine: Engine, nobodys: number): Remainder[] {
  const remainder: Remainder[] = []
  for (const [reason, kind] of RESTS) {
    const bytes = engine.restBytes(kind) + (kind === REST_NO_ADDRESS ? nobodys : 0)
    if (bytes === 0) continue
    remainder.push(remainderOf(reason, bytes, kind === REST_NO_ADDRESS ? undefined : engine.restPackets(kind)))
  }
  if (engine.copiedBytes !== 0) remainder.push(remainderOf('copies', engine.copiedBytes, engine.copiedPackets))
  if (engine.tunnelBytes !== 0) remainder.push(remainderOf('tunnel-headers', engine.tunnelBytes))
  return remainder
}
