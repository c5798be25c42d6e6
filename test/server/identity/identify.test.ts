// Identification: evidence adds up to the right device, and weak evidence to no device.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { identify, type Identity } from '../../../server/identity/identify.ts'
import { DeviceKnowledge } from '../../../server/identity/knowledge.ts'
import { buildMacMakers, MacMakers } from '../../../server/identity/mac-makers.ts'
import { compileDevices } from '../../../server/rulebook/compile.ts'
import { readRules } from '../../../server/rulebook/read.ts'
import type { MakerRule } from '../../../server/rules/types.ts'
import type { DeviceEvidence } from '../../../server/identity/device-evidence.ts'

const registry = createRequire(import.meta.url)('oui-data') as Record<string, string>
const knowledge = new DeviceKnowledge(
  compileDevices(readRules(fileURLToPath(new URL('../../../rules', import.meta.url)))),
  new MacMakers(buildMacMakers(registry)),
)

const nothing: DeviceEvidence = {
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
}
const look = (given: Partial<DeviceEvidence>, known = knowledge): Identity => identify({ ...nothing, ...given }, known)

/** An address in the first block registered to a maker whose name begins like this; the last half is made up. */
const macOf = (maker: string): string => {
  const prefix = Object.keys(registry).find((key) => key.length === 6 && registry[key].startsWith(maker))
  if (prefix === undefined) throw new Error(`no block of ${maker}`)
  return `${prefix}000001`.toLowerCase().replace(/..(?!$)/g, '$&:')
}

describe('a device', () => {
  it.each<[string, Partial<DeviceEvidence>, string | null, string]>([
    [
      'a Ring doorbell by name, radio chip and host',
      { mac: macOf('Texas Instruments'), dhcpHostnames: ['Ring-a1b2c3'], hosts: ['fw.ring.com'], companies: ['ring'] },
      'Ring',
      'doorbell',
    ],
    [
      'an Echo by hosts alone',
      { hosts: ['avs-alexa-12-na.amazon.com', 'api.amazonalexa.com'], companies: ['alexa', 'aws'] },
      'Amazon',
      'speaker',
    ],
    [
      'an Echo Show, which does all an Echo does and more',
      { hosts: ['api.amazonalexa.com', 'todo-ta-g7g.amazon.com', 'tinytts.amazon.com'], companies: ['alexa'] },
      'Amazon',
      'display',
    ],
    ['a Blink camera by host', { hosts: ['rest-u014.immedia-semi.com'], companies: ['blink'] }, 'Blink', 'camera'],
    [
      'a Nest camera among Nest devices',
      { mac: macOf('Nest Labs'), hosts: ['frontdoor.nest.com', 'oculus9-us1.dropcam.com'] },
      'Nest',
      'camera',
    ],
    ['a Nest thermostat by its serial number', { dhcpHostnames: ['09AA01AC111111AA'] }, 'Nest', 'thermostat'],
    [
      'a Chromecast by its mDNS text',
      { mdnsTxt: ['id=1', 'md=Chromecast Ultra'], mdnsServices: ['_googlecast._tcp'] },
      'Google',
      'streamer',
    ],
    [
      'a television that casts too',
      { mdnsTxt: ['md=BRAVIA 4K'], mdnsServices: ['_googlecast._tcp.local'] },
      'Sony',
      'tv',
    ],
    ['a Sonos by its MAC maker alone', { mac: macOf('Sonos, Inc.') }, 'Sonos', 'speaker'],
    ['a Hue bridge by SSDP', { ssdpServers: ['Hue/1.0 UPnP/1.0 IpBridge/1.50.0'] }, 'Philips Hue', 'hub'],
    ['a Xiaomi camera of a brand within', { dhcpHostnames: ['isa-camera-hlc6_miio111111111'] }, 'Xiaomi', 'camera'],
    [
      'a Mi Home device nobody described',
      { dhcpHostnames: ['newbrand-thing-v1_miio111111111'], mac: macOf('Beijing Xiaomi') },
      'Xiaomi',
      'unknown',
    ],
    ['a Roborock, not a Xiaomi', { dhcpHostnames: ['roborock-vacuum-a10_miio111111111'] }, 'Roborock', 'vacuum'],
    [
      'a Tuya device behind a nameless module',
      { mac: macOf('Espressif'), dhcpHostnames: ['ESP_1A2B3C'], hosts: ['m2.tuyaeu.com'], companies: ['tuya'] },
      'Tuya',
      'unknown',
    ],
    [
      'an iPhone with a private address',
      { mac: 'da:a1:19:00:00:01', dhcpHostnames: ['Some-iPhone'] },
      'Apple',
      'phone',
    ],
    [
      'a Mac by what it asks DHCP for, with an Apple address',
      { mac: macOf('Apple, Inc.'), dhcpParameterLists: ['1,121,3,6,15,119,252,95,44,46'] },
      'Apple',
      'computer',
    ],
    [
      'an Android phone of a maker without a rule',
      { mac: macOf('HMD Global'), dhcpVendorClasses: ['android-dhcp-13'] },
      'HMD Global',
      'phone',
    ],
    [
      'a Samsung phone, not just an Android one',
      { dhcpVendorClasses: ['android-dhcp-13'], dhcpHostnames: ['Galaxy-S22'] },
      'Samsung',
      'phone',
    ],
    [
      'a Windows computer with a network card of another',
      { mac: macOf('Intel Corporate'), dhcpVendorClasses: ['MSFT 5.0'], dhcpHostnames: ['DESKTOP-AAAAAAA'] },
      'Intel',
      'computer',
    ],
    [
      'an HP printer by its DHCP name',
      { mac: macOf('Hewlett Packard'), dhcpHostnames: ['NPI1A2B3C'] },
      'HP',
      'printer',
    ],
  ])('is recognised: %s', (_what, given, vendor, kind) => {
    expect(look(given)).toMatchObject({ vendor, kind })
  })

  it.each<[string, Partial<DeviceEvidence>]>([
    ['nothing at all', {}],
    ['the maker of its radio chip', { mac: macOf('Espressif') }],
    ["a chip maker and the module's own name", { mac: macOf('Espressif'), dhcpHostnames: ['ESP_1A2B3C'] }],
    ['a maker of many kinds of things', { mac: macOf('Samsung Electronics') }],
    [
      'a DHCP client that half of all devices run',
      { dhcpVendorClasses: ['udhcp 1.22.1'], dhcpParameterLists: ['1,3,6,12,15,28,42'] },
    ],
    ['a public clock', { hosts: ['time.windows.com'], companies: ['microsoft-time'] }],
    ['a private address', { mac: 'da:a1:19:00:00:01' }],
    ['an address of zeros', { mac: '00:00:00:00:00:00' }],
  ])('stays unknown when all there is, is %s', (_what, given) => {
    expect(look(given).kind).toBe('unknown')
    expect(look(given).confidence).toBeLessThanOrEqual(0.5)
  })

  it('names the chip maker only for want of better, and says what it is worth', () => {
    expect(look({ mac: macOf('Espressif') })).toMatchObject({
      vendor: 'Espressif',
      confidence: 0.1,
      why: ['MAC maker Espressif Inc. (makes parts for other makers)'],
    })
  })

  it('is reported with every reason, the strongest first', () => {
    expect(
      look({ mac: macOf('Ring LLC'), dhcpHostnames: ['Ring-a1b2c3'], hosts: ['fw.ring.com'], companies: ['ring'] }).why,
    ).toEqual(['DHCP name Ring-a1b2c3', 'talks to fw.ring.com', 'MAC maker Ring LLC', 'talks to Ring'])
  })

  it('is the surer the more evidence supports it', () => {
    const one = look({ dhcpHostnames: ['Ring-a1b2c3'] }).confidence
    const two = look({ dhcpHostnames: ['Ring-a1b2c3'], hosts: ['fw.ring.com'] }).confidence
    expect(one).toBe(0.65)
    expect(two).toBeGreaterThan(one)
    expect(two).toBeLessThan(1)
  })

  it("that talks to very many companies is no doorbell for having opened a doorbell's app", () => {
    const companies = Array.from({ length: 20 }, (_, i) => `company-${i}`)
    const phone = look({ dhcpVendorClasses: ['android-dhcp-13'], hosts: ['fw.ring.com', 'www.example.com'], companies })
    expect(phone.kind).toBe('phone')
    expect(phone.why).toContain('talks to 20 companies, as phones and computers do')
    expect(look({ hosts: ['fw.ring.com'], companies }).kind).toBe('unknown')
  })

  it('counts the services of one company as one company', () => {
    const companies = [
      'amazon',
      'alexa',
      'amazon-devices',
      'amazon-music',
      'amazon-shop',
      'amazon-photos',
      'amazon-ads',
      'amazon-kids',
      'audible',
      'prime-video',
      'aws',
      'kindle',
      'fire-tv',
    ]
    expect(look({ hosts: ['api.amazonalexa.com'], companies }).kind).toBe('speaker')
  })

  it('belongs to the maker whose cloud it talks to, when it talks to few', () => {
    expect(look({ companies: ['d-link'], hosts: ['ntp1.dlink.com'] })).toMatchObject({
      vendor: 'D-Link',
      kind: 'unknown',
      confidence: 0.4,
    })
  })

  it('does not change its answer for endless or hostile values', () => {
    const long = 'Ring-a1b2c3'.padEnd(100_000, 'a')
    const many = Array.from({ length: 100_000 }, (_, i) => `h${i}.stranger.example`)
    expect(look({ dhcpHostnames: [long], hosts: many, mdnsTxt: ['__proto__=1', '\u0000'] })).toMatchObject({
      vendor: 'Ring',
      kind: 'doorbell',
    })
  })
})

describe('two lines that fit alike', () => {
  const maker = (name: string, kinds: ('plug' | 'camera')[]): MakerRule => ({
    maker: name,
    devices: kinds.map((kind) => ({
      name: `${name} ${kind}`,
      kind,
      match: { host: ['iot.acme.example'] },
      examples: [],
    })),
  })
  const knowing = (...makers: [string, MakerRule][]): DeviceKnowledge =>
    new DeviceKnowledge(
      compileDevices({ makers: new Map(makers), companies: new Map(), chipMakers: [] }),
      new MacMakers(buildMacMakers({ '001788': 'Zenith Ltd' })),
    )

  it('of one maker give the maker and leave the kind open', () => {
    const identity = look({ hosts: ['a.iot.acme.example'] }, knowing(['acme', maker('Acme', ['plug', 'camera'])]))
    expect(identity).toMatchObject({ vendor: 'Acme', kind: 'unknown', name: null })
    expect(identity.why).toContain('could be Acme plug or Acme camera')
  })

  it('of two makers leave both open', () => {
    expect(
      look(
        { hosts: ['iot.acme.example'] },
        knowing(['acme', maker('Acme', ['plug'])], ['zenith', maker('Zenith', ['camera'])]),
      ),
    ).toMatchObject({ vendor: null, kind: 'unknown', confidence: 0.1 })
  })

  it('of two makers and one kind give the kind, and the MAC address the maker', () => {
    const known = knowing(['acme', maker('Acme', ['plug'])], ['zenith', { ...maker('Zenith', ['plug']) }])
    expect(look({ hosts: ['iot.acme.example'], mac: '00:17:88:00:00:01' }, known)).toMatchObject({
      vendor: 'Zenith',
      kind: 'plug',
    })
  })
})

describe("a device's name", () => {
  it.each<[string, Partial<DeviceEvidence>, string | null, string | null]>([
    ["is the owner's before all", { ownerName: 'Front door', dhcpHostnames: ['Ring-a1b2c3'] }, 'Front door', 'owner'],
    [
      "is DHCP's without the home's domain",
      { dhcpHostnames: ['Kitchen-TV.lan'], mdnsNames: ['other.local'] },
      'Kitchen-TV',
      'dhcp',
    ],
    ['skips what a module fills in', { dhcpHostnames: ['ESP_1A2B3C', 'Kitchen-lamp'] }, 'Kitchen-lamp', 'dhcp'],
    [
      'is the friendly name a Chromecast announces',
      { mdnsTxt: ['fn=Living room TV'], mdnsNames: ['Chromecast-0123456789abcdef._googlecast._tcp.local'] },
      'Living room TV',
      'mdns',
    ],
    [
      'is the instance of a service',
      { mdnsNames: ['_hap._tcp.local', 'Hue Bridge - 1A2B3C._hap._tcp.local'] },
      'Hue Bridge - 1A2B3C',
      'mdns',
    ],
    [
      'drops the address before an AirPlay name',
      { mdnsNames: ['A1B2C3D4E5F6@Kitchen._raop._tcp.local'] },
      'Kitchen',
      'mdns',
    ],
    ['is the mDNS host', { mdnsNames: ['1.0.0.127.in-addr.arpa', 'office-printer.local'] }, 'office-printer', 'mdns'],
    ['is the SSDP product', { ssdpServers: ['Linux/3.4 UPnP/1.0 Soundbar_900/1.2'] }, 'Soundbar 900', 'ssdp'],
    [
      "is the rule's for want of another",
      { hosts: ['fw.ring.com'], dhcpHostnames: ['localhost'] },
      'Ring doorbell',
      'rule',
    ],
    ["is the module's when nothing else is there", { dhcpHostnames: ['ESP_1A2B3C'] }, 'ESP_1A2B3C', 'dhcp'],
    ['is nothing when nothing was said', {}, null, null],
  ])('%s', (_what, given, name, nameFrom) => {
    expect(look(given)).toMatchObject({ name, nameFrom })
  })

  it('loses control characters, direction marks and endlessness', () => {
    expect(look({ dhcpHostnames: ['\u001b[31mTV\u202e\u0000\n  two'] }).name).toBe('[31mTV two')
    expect(look({ dhcpHostnames: ['x'.repeat(10_000)] }).name).toHaveLength(63)
  })
})
