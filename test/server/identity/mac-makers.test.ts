// A MAC address is traced to the maker that the IEEE gave it to.
import { describe, expect, it } from 'vitest'
import {
  buildMacMakers,
  isPrivateMac,
  MacMakers,
  namesMaker,
  noMacMakers,
  plainMaker,
} from '../../../server/identity/mac-makers.ts'

const makers = new MacMakers(
  buildMacMakers({
    '0055DA': 'IEEE Registration Authority\nSomewhere',
    '0055DA1': 'Middle Maker &amp; Sons\nStreet',
    '0055DA1A2': 'Small Maker GmbH',
    '001788': 'Philips Lighting BV',
    '10A4DA': 'Private',
    '000000': 'XEROX CORPORATION',
  }),
)

describe('a MAC address', () => {
  it.each([
    ['00:55:da:f0:00:01', 'IEEE Registration Authority'],
    ['00:55:da:1f:00:01', 'Middle Maker & Sons'],
    ['00:55:da:1a:2f:01', 'Small Maker GmbH'],
    ['00-17-88-00-00-01', 'Philips Lighting BV'],
    ['0017.8800.0001', 'Philips Lighting BV'],
    ['00:00:00:00:00:01', 'XEROX CORPORATION'],
  ])('%s has the maker of the longest block: %s', (mac, maker) => expect(makers.lookUp(mac)).toBe(maker))

  it.each([
    '00:00:00:00:00:00',
    '02:17:88:00:00:01',
    'ff:ff:ff:ff:ff:ff',
    '10:a4:da:00:00:01',
    '00:18:88:00:00:01',
    'nonsense',
    '00:17:88',
    '00:17:88:00:00:01:02',
  ])('%j has no maker', (mac) => {
    expect(makers.lookUp(mac)).toBeNull()
  })

  it('is private when the device made it up', () => {
    expect(isPrivateMac('da:a1:19:00:00:01')).toBe(true)
    expect(isPrivateMac('00:17:88:00:00:01')).toBe(false)
    expect(isPrivateMac('nonsense')).toBe(false)
  })

  it('has no maker where the register is not installed', () => {
    expect(noMacMakers().lookUp('00:17:88:00:00:01')).toBeNull()
  })
})

describe('a registered name', () => {
  it.each([
    ['TP-LINK TECHNOLOGIES CO.,LTD.', 'TP-Link Technologies'],
    ['Espressif Inc.', 'Espressif'],
    ['eQ-3 Entwicklung GmbH', 'eQ-3 Entwicklung'],
    ['Samsung Electronics Co.,Ltd', 'Samsung Electronics'],
    ['Intel Corporate', 'Intel'],
    ['SEIKO EPSON CORPORATION', 'Seiko Epson'],
    ['Ltd.', 'Ltd.'],
    ['', ''],
  ])('%s is written as a person would', (registered, plain) => expect(plainMaker(registered)).toBe(plain))

  it("holds a maker's name from the beginning of a word only", () => {
    expect(namesMaker('ring solutions', 'ring solutions')).toBe(true)
    expect(namesMaker('monitoring solutions ltd.', 'ring solutions')).toBe(false)
    expect(namesMaker('monitoring ring solutions', 'ring solutions')).toBe(true)
  })
})
