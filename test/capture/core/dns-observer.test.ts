// What devices asked the DNS for, as the packet core keeps it.
import { expect, test } from 'vitest'
import { NO_NAME } from '../../../capture/core/constants.ts'
import { MAX_DNS_QUERIES, REACHED_DNS_QUERIES } from '../../../capture/core/limits.ts'
import { newCore } from '../../support/core.ts'

test('a name is asked for by the device that did, once noted, and no name is none', () => {
  const { exports } = newCore()
  exports.noteAsked(-3, 7)
  exports.noteAsked(-3, 7)
  exports.noteAsked(-3, NO_NAME)
  expect([
    exports.hasAsked(-3, 7),
    exports.hasAsked(3, 7),
    exports.hasAsked(-3, 8),
    exports.hasAsked(-3, NO_NAME),
  ]).toEqual([1, 0, 0, 0])
  expect(exports.isEchPublicName(7)).toBe(0)
  expect(exports.isEchPublicName(1_000_000)).toBe(0)
})

test('names that devices asked for have a limit, and what is behind it is counted', () => {
  const { exports } = newCore()
  for (let name = 1; name <= MAX_DNS_QUERIES + 2; name++) exports.noteAsked(1, name)
  expect(exports.timesReached(REACHED_DNS_QUERIES)).toBe(2)
  exports.noteAsked(1, 1)
  expect(exports.timesReached(REACHED_DNS_QUERIES)).toBe(2)
  expect([exports.hasAsked(1, MAX_DNS_QUERIES), exports.hasAsked(1, MAX_DNS_QUERIES + 1)]).toEqual([1, 0])
})
