// Kinds by the maker, ports, habits and names: said where they are nearly sure, guessed where they are likely.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { DeviceEvidence } from '../../../server/identity/device-evidence.ts'
import { identify, type Identity } from '../../../server/identity/identify.ts'
import { DeviceKnowledge } from '../../../server/identity/knowledge.ts'
import { buildMacMakers, MacMakers } from '../../../server/identity/mac-makers.ts'
import { compileDevices } from '../../../server/rulebook/compile.ts'
import { toEvidence } from '../../../server/rulebook/example-check.ts'
import { readRules } from '../../../server/rulebook/read.ts'
import type { MakerRule } from '../../../server/rules/types.ts'

const registry = createRequire(import.meta.url)('oui-data') as Record<string, string>
const rules = readRules(fileURLToPath(new URL('../../../rules', import.meta.url)))
const knowledge = new DeviceKnowledge(compileDevices(rules), new MacMakers(buildMacMakers(registry)))
const look = (given: Partial<DeviceEvidence>, known = knowledge): Identity =>
  identify({ ...toEvidence({}), ...given }, known)
const guessesOf = (given: Partial<DeviceEvidence>): string[] => look(given).guesses.map(({ kind }) => kind)

/** An address in the first block registered to a maker whose name begins like this; the last half is made up. */
const macOf = (maker: string): string => {
  const prefix = Object.keys(registry).find((key) => key.length === 6 && registry[key].startsWith(maker))
  if (prefix === undefined) throw new Error(`no block of ${maker}`)
  return `${prefix}000001`.toLowerCase().replace(/..(?!$)/g, '$&:')
}

const PRIVATE = 'da:a1:19:00:00:01'
const VOICE_HOSTS = ['avs-alexa-4-na.amazon.com', 'api.amazonalexa.com', 'arteries.alexa.a2z.com']
const GOOGLE_HOSTS = ['clients3.google.com', 'mtalk.google.com', 'play.googleapis.com', 'www.google.com']
const RING_HOSTS = ['fw.ring.com', 'es.ring.com', 'nw.ring.com']

describe("a phone or computer with a maker's app", () => {
  it.each<[string, Partial<DeviceEvidence>]>([
    ['made its address up', { mac: PRIVATE }],
    ['says so by DHCP', { mac: PRIVATE, dhcpHostnames: ['Annas-iPhone'] }],
    ['has the MAC address of a maker of phones', { mac: macOf('HMD Global') }],
    ['has the MAC address of a maker of many things', { mac: macOf('Samsung Electronics Co') }],
    ['runs Windows', { mac: macOf('AzureWave'), dhcpVendorClasses: ['MSFT 5.0'], dhcpHostnames: ['DESKTOP-A1B2C3D'] }],
    ['says so by its browser', { userAgents: ['Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X)'] }],
  ])('is no speaker, doorbell or device of another maker where it %s', (_what, given) => {
    for (const [hosts, companies, maker] of [
      [VOICE_HOSTS, ['alexa', 'amazon'], 'Amazon'],
      [GOOGLE_HOSTS, ['google', 'android'], 'Google'],
      [RING_HOSTS, ['ring'], 'Ring'],
    ] as const) {
      const { kind, vendor } = look({ ...given, hosts: [...hosts], companies: [...companies] })
      expect(['phone', 'computer', 'unknown']).toContain(kind)
      expect(vendor).not.toBe(maker)
    }
  })

  it('does not keep the devices themselves from being recognised', () => {
    expect(look({ mac: macOf('Amazon Technologies'), hosts: VOICE_HOSTS, companies: ['alexa'] }).kind).toBe('speaker')
    expect(look({ mac: macOf('Hon Hai'), hosts: VOICE_HOSTS, companies: ['alexa'] }).kind).toBe('speaker')
    expect(look({ mac: macOf('Texas Instruments'), hosts: RING_HOSTS, companies: ['ring'] }).kind).toBe('doorbell')
  })
})

describe('a device of a known maker', () => {
  it.each<[string, Partial<DeviceEvidence>, string]>([
    ['a Nest that sends pictures', { mac: macOf('Nest Labs'), habits: ['uploads'] }, 'camera'],
    ['a Nest on the port of its thermostats', { mac: macOf('Nest Labs'), ports: ['internet tcp 9543'] }, 'thermostat'],
    ['an Amazon that sends as much as it hears', { mac: macOf('Amazon Technologies'), habits: ['answers'] }, 'speaker'],
    ['a TP-Link that gives addresses', { mac: macOf('TP-LINK'), ports: ['serves udp 67'] }, 'router'],
    ['a TP-Link that offers a picture', { mac: macOf('TP-LINK'), ports: ['serves tcp 554'] }, 'camera'],
    ['an HP that takes pages', { mac: macOf('Hewlett Packard'), ports: ['serves tcp 9100'] }, 'printer'],
    ['an HP that runs Windows', { mac: macOf('Hewlett Packard'), dhcpVendorClasses: ['MSFT 5.0'] }, 'computer'],
    [
      'an Apple that asks as iPhones do',
      { mac: macOf('Apple'), dhcpParameterLists: ['1,121,3,6,15,119,252'] },
      'phone',
    ],
    ['a Hikvision', { mac: macOf('Hangzhou Hikvision') }, 'camera'],
    ['a Zyxel', { mac: macOf('Zyxel') }, 'router'],
    ['a Wyze that sends pictures', { mac: macOf('Wyze Labs'), habits: ['uploads'] }, 'camera'],
  ])('has the kind that its habits speak for: %s', (_what, given, kind) => {
    expect(look(given)).toMatchObject({ kind, guesses: [] })
  })

  it.each<[string, Partial<DeviceEvidence>, string[]]>([
    ['Ring', { mac: macOf('Ring LLC') }, ['doorbell', 'camera', 'hub']],
    ['Amazon', { mac: macOf('Amazon Technologies') }, ['speaker', 'streamer', 'display']],
    [
      'TP-Link, seen on the port of its plugs and lamps',
      { mac: macOf('TP-LINK'), ports: ['serves tcp 9999'] },
      ['plug', 'camera', 'bulb'],
    ],
    ['Espressif', { mac: macOf('Espressif') }, ['plug', 'bulb', 'switch']],
  ])('stays unknown with three guesses where the maker makes several kinds: %s', (_what, given, guesses) => {
    expect(look(given).kind).toBe('unknown')
    expect(guessesOf(given)).toEqual(guesses)
  })

  it('is not called a phone for asking for an address as televisions do too', () => {
    const given = { mac: macOf('Sony Corporation'), dhcpVendorClasses: ['android-dhcp-9'] }
    expect(look(given)).toMatchObject({ vendor: 'Sony', kind: 'unknown' })
    expect(guessesOf(given)).toEqual(expect.arrayContaining(['phone', 'tv']))
  })

  it('is of a kind of those that its recognised line has', () => {
    expect(guessesOf({ hosts: ['devs.tplinkcloud.com'], companies: ['tp-link'] })[0]).toBe('plug')
  })

  it('says what it was judged by', () => {
    const { why } = look({ mac: macOf('Nest Labs'), habits: ['uploads'] })
    expect(why).toContain('sends far more than it receives, as cameras do')
    expect(why).toContain('Nest makes thermostat, camera, sensor and more')
  })
})

describe('a device behind a nameless module', () => {
  it('is known by the port on which it calls at home', () => {
    expect(look({ mac: macOf('Espressif'), ports: ['home udp 6667'] })).toMatchObject({
      vendor: 'Tuya',
      kind: 'unknown',
    })
    expect(look({ mac: macOf('Espressif'), ports: ['serves tcp 2081'] })).toMatchObject({
      vendor: 'Smarter',
      kind: 'appliance',
    })
  })

  it('is not known by the port alone', () => {
    expect(look({ ports: ['home udp 6667'] }).vendor).toBeNull()
  })
})

describe('a device of which nothing but weak signs is known', () => {
  it('has guesses and no kind where it made its address up', () => {
    expect(look({ mac: PRIVATE })).toMatchObject({ vendor: null, kind: 'unknown' })
    expect(guessesOf({ mac: PRIVATE })).toEqual(['phone', 'computer', 'tablet'])
  })

  it('is a phone where it also calls over Wi-Fi, and a router where it gives addresses', () => {
    expect(look({ mac: PRIVATE, ports: ['internet udp 4500'] }).kind).toBe('phone')
    expect(look({ ports: ['serves udp 67', 'serves udp 53'] }).kind).toBe('router')
  })

  it('has neither where nothing speaks', () => {
    expect(look({})).toMatchObject({ kind: 'unknown', guesses: [] })
    expect(look({ ports: ['internet tcp 9'], habits: [] })).toMatchObject({ kind: 'unknown', guesses: [] })
  })
})

describe('a name', () => {
  it.each<[string, string]>([
    ['Kuche-Echo', 'speaker'],
    ['Küche-Echo', 'speaker'],
    ["Anna's iPhone", 'phone'],
    ['iPhone-de-Marie', 'phone'],
    ['S21-von-Anna', 'phone'],
    ['TP-LINK_Smart Plug_1A2B', 'plug'],
    ['MacBook-Pro-von-Tom', 'computer'],
    ['FireTVStick', 'streamer'],
    ['Wohnzimmer-TV', 'tv'],
    ['Gartenkamera', 'camera'],
    ['camera-salon', 'camera'],
    ['telecamera-ingresso', 'camera'],
    ['lampara-sala', 'bulb'],
    ['prise-salon', 'plug'],
    ['Steckdose1', 'plug'],
    ['imprimante', 'printer'],
    ['Saugroboter', 'vacuum'],
    ['telephone-de-marie', 'phone'],
    ['rockrobo', 'vacuum'],
    ['Nest-Hello-1A2B', 'doorbell'],
  ])('says the kind: %s', (name, kind) => {
    expect(look({ dhcpHostnames: [name] }).kind).toBe(kind)
  })

  it.each(['Wohnzimmer', 'Anna', 'Cameron', 'Lightning', 'plugin-host', 'tvrtko', 'wlan0', 'ESP_1A2B3C', 'Phonebox1x'])(
    'says none where it only holds the letters: %s',
    (name) => {
      expect(look({ dhcpHostnames: [name] }).kind).toBe('unknown')
    },
  )
})

describe('what a maker makes', () => {
  const acme = (products: NonNullable<MakerRule['products']>): DeviceKnowledge =>
    new DeviceKnowledge(
      compileDevices({
        makers: new Map([['acme', { maker: 'Acme', ouis: ['Acme Ltd'], products, devices: [] }]]),
        companies: new Map(),
        chipMakers: [],
      }),
      new MacMakers(buildMacMakers({ '001788': 'Acme Ltd' })),
    )
  const mac = '00:17:88:00:00:01'

  it('decides where it is nearly all of one kind', () => {
    expect(look({ mac }, acme([{ kind: 'lock', share: 0.95 }]))).toMatchObject({ vendor: 'Acme', kind: 'lock' })
  })

  it('only guesses where it is not', () => {
    const known = acme([
      { kind: 'lock', share: 0.6 },
      { kind: 'plug', share: 0.4 },
    ])
    expect(look({ mac }, known)).toMatchObject({ vendor: 'Acme', kind: 'unknown', confidence: 0.5 })
    expect(look({ mac }, known).guesses.map(({ kind }) => kind)).toEqual(['lock', 'plug'])
  })
})
