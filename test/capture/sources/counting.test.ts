// Of sources that run together only those of the most exact kind count bytes.
import { expect, test } from 'vitest'
import { countingOf, countsOf, planOfArgument, uncountedSentence } from '../../../capture/sources/sources.ts'

const eth0 = planOfArgument('eth0')
const zeek = planOfArgument('dns:zeek:/var/log/zeek/conn.log')
const unknown = planOfArgument('dns:auto:/var/log/some.log')

test('packets count where there are any', () => {
  expect(countingOf([zeek, eth0])).toBe('packets')
  expect(countsOf(zeek)).toBe('log')
})

test('a log counts where nothing else does, and its format need not be known yet', () => {
  expect(countingOf([zeek])).toBe('log')
  expect(countingOf([unknown])).toBe('log')
})

test('without sources nothing counts', () => {
  expect(countingOf([])).toBeNull()
})

const gateway = planOfArgument('conntrack:root@192.168.1.1')

test('connections count beside logs, and not beside packets', () => {
  expect(countingOf([zeek, gateway])).toBe('connections')
  expect(countingOf([gateway, eth0, zeek])).toBe('packets')
  expect(uncountedSentence('packets')).toMatch(/packets of another source count them/)
})
