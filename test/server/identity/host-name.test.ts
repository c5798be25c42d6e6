// Host names as they are shown, whichever protocol, table or log they come from.
import { describe, expect, test } from 'vitest'
import { textOf } from '../../../capture/wire/text.ts'
import type { DeviceEvidence } from '../../../server/identity/device-evidence.ts'
import { chooseName } from '../../../server/identity/device-name.ts'
import { hostName } from '../../../server/identity/host-name.ts'
import { identify } from '../../../server/identity/identify.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'

const latin1 = (text: string): string => textOf(Buffer.from(text, 'latin1'), 0, text.length)
const evidence = (said: Partial<DeviceEvidence>): DeviceEvidence => ({
  mac: null,
  dhcpHostnames: [],
  dhcpVendorClasses: [],
  dhcpParameterLists: [],
  mdnsServices: [],
  mdnsNames: [],
  mdnsTxt: [],
  ssdpServers: [],
  ssdpTypes: [],
  userAgents: [],
  companies: [],
  hosts: [],
  ...said,
})

describe('a host name', () => {
  test.each([
    ['"Annas iPad"', 'Annas iPad'],
    ["'kitchen'", 'kitchen'],
    ['“Büro”', 'Büro'],
    ['""kitchen""', 'kitchen'],
    ['"kitchen', 'kitchen'],
    ["Anna's iPhone", "Anna's iPhone"],
    ['[TV] Samsung 7 Series (55)', '[TV] Samsung 7 Series (55)'],
    ['TV 55"', 'TV 55"'],
    [latin1('Küche-Echo'), 'Küche-Echo'],
    [latin1('Café'), 'Café'],
    [latin1('Anna\x92s Mac'), 'Anna’s Mac'],
    ['K\\195\\188che', 'Küche'],
    ['Dr\\. Who', 'Dr. Who'],
    ['annas-pc.fritz.box', 'annas-pc'],
    ['annas-pc.local.', 'annas-pc'],
    ['nas.home.arpa', 'nas'],
    ['"tv.lan"', 'tv'],
    ['printer.localdomain', 'printer'],
    ['fritz.box', 'fritz.box'],
    ['fritz.repeater', 'fritz.repeater'],
    ['a  b', 'a b'],
  ])('%s is shown as %s', (text, expected) => {
    expect(hostName(text)).toBe(expected)
  })

  test.each([
    '',
    ' ',
    '*',
    '?',
    '-',
    'unknown',
    'Unknown',
    '(null)',
    'null',
    '(none)',
    'localhost',
    '"*"',
    '<unknown>',
  ])('%j is none', (text) => {
    expect(hostName(text)).toBeNull()
  })

  test.each(['localhost.localdomain', 'LOCALHOST', 'unknown.fritz.box', '"localhost".lan', 'undefined', 'N/A'])(
    '%j is none either',
    (text) => {
      expect(hostName(text)).toBeNull()
    },
  )
})

describe('the name of a device', () => {
  test('is not a placeholder of DHCP where multicast DNS or NetBIOS says one', () => {
    const said = evidence({ dhcpHostnames: ['*'], mdnsNames: ['Kitchen._airplay._tcp.local'] })
    expect(chooseName(said, null)).toEqual({ name: 'Kitchen', nameFrom: 'mdns' })
    const registered = evidence({ dhcpHostnames: ['localhost'], netbiosNames: ['ANNA-PC'] })
    expect(chooseName(registered, 'Computer')).toEqual({ name: 'ANNA-PC', nameFrom: 'netbios' })
    expect(chooseName(evidence({ dhcpHostnames: ['(null)'] }), 'Printer')).toEqual({
      name: 'Printer',
      nameFrom: 'rule',
    })
    expect(chooseName(evidence({ dhcpHostnames: ['unknown'] }), null)).toEqual({ name: null, nameFrom: null })
  })

  test('is what a log calls it where it said nothing itself, and no placeholder of a log', () => {
    const loggedNames = ['unknown', 'garden-camera']
    expect(chooseName(evidence({ loggedNames }), 'Camera')).toEqual({ name: 'garden-camera', nameFrom: 'log' })
    expect(chooseName(evidence({ loggedNames, dhcpHostnames: ['cam'] }), null)).toEqual({
      name: 'cam',
      nameFrom: 'dhcp',
    })
    expect(chooseName(evidence({ loggedNames: ['unknown'] }), 'Camera')).toEqual({ name: 'Camera', nameFrom: 'rule' })
  })

  test('is what others repeat of it only where it says nothing itself', () => {
    const repeatedNames = ['TV._airplay._tcp.local', 'tv.local']
    expect(chooseName(evidence({ repeatedNames }), null).name).toBe('TV')
    expect(chooseName(evidence({ repeatedNames, mdnsNames: ['own.local'] }), null).name).toBe('own')
  })

  test('says the kind with a domain, quotation marks or letters of an older system around it as well', () => {
    const { devices } = openRules(compiledRulesFolder())
    const kinds = ['Küche-Echo.fritz.box', '"FireTVStick"', latin1('Küche-Echo')].map(
      (name) => identify(evidence({ dhcpHostnames: [name] }), devices).kind,
    )
    expect(kinds).toEqual(['speaker', 'streamer', 'speaker'])
    const byNetbios = identify(evidence({ netbiosNames: ['BRW1A2B3C4D5E6F'] }), devices)
    expect([byNetbios.kind, byNetbios.why[0]]).toEqual(['printer', 'NetBIOS name BRW1A2B3C4D5E6F'])
  })
})
