// Weak signs of a device's kind: ports, DHCP clients, habits; each says how much likelier some kinds are than others.
import type { Kind } from '../rules/types.ts'
import type { DeviceEvidence, Habit } from './device-evidence.ts'
import { isPrivateMac } from './mac-makers.ts'

/** How much likelier the sign is to be seen of these kinds than of a kind that is not listed. */
export interface KindSign {
  factors: Partial<Record<Kind, number>>
  /** The same for every other kind. */
  rest: number
  /** What it is, for the reasons. */
  words: string
}

const each = (kinds: readonly Kind[], factor: number): Partial<Record<Kind, number>> =>
  Object.fromEntries(kinds.map((kind) => [kind, factor]))

/** Kinds by what they are able to do; ratios below are between such groups. */
const PERSONAL: readonly Kind[] = ['phone', 'tablet', 'computer']
const SCREENS: readonly Kind[] = ['tv', 'streamer', 'console']
const WATCHING: readonly Kind[] = ['camera', 'doorbell']
const SMALL: readonly Kind[] = ['plug', 'bulb', 'switch', 'sensor', 'thermostat', 'lock']
const EMBEDDED: readonly Kind[] = [...SMALL, 'hub', 'appliance', 'vacuum', 'health', 'toy', 'vehicle']
const PLAYING: readonly Kind[] = ['speaker', 'display', 'tv', 'streamer']

type Entry = readonly [ports: readonly string[], Omit<KindSign, 'words'>]

/** Ports as registered with IANA or published by the makers named. */
const PORTS: readonly Entry[] = [
  // RTSP, and the ports of Dahua (37777), Xiongmai (34567) and Reolink (9000): a camera offers its picture.
  [
    ['serves tcp 554', 'serves tcp 8554', 'serves tcp 37777', 'serves tcp 34567'],
    { factors: { camera: 30, doorbell: 20, storage: 2, hub: 2 }, rest: 1 },
  ],
  // Peer-to-peer relays of cameras: PPPP (32100, 32108), ThroughTek (10001, 10240), Vstarcam and others (20001).
  [
    ['internet udp 32100', 'internet udp 10001', 'internet udp 10240', 'home udp 32108', 'serves udp 32108'],
    { factors: { camera: 15, doorbell: 10, ...each(PERSONAL, 1.5) }, rest: 0.5 },
  ],
  // JetDirect and LPD.
  [['serves tcp 9100', 'serves tcp 515'], { factors: { printer: 50, computer: 2, storage: 2, router: 3 }, rest: 1 }],
  [['serves tcp 631'], { factors: { printer: 20, computer: 5, storage: 2 }, rest: 1 }],
  [['home tcp 9100', 'home tcp 515', 'home tcp 631'], { factors: each(PERSONAL, 5), rest: 0.5 }],
  // Google Cast; AirPlay.
  [['serves tcp 8009', 'serves tcp 8008'], { factors: { ...each(PLAYING, 10), console: 1, computer: 1 }, rest: 0.5 }],
  [['serves tcp 7000', 'serves tcp 3689'], { factors: { ...each(PLAYING, 8), computer: 4 }, rest: 0.7 }],
  [['home tcp 8009', 'home tcp 7000'], { factors: { ...each(PERSONAL, 4), speaker: 2, display: 2 }, rest: 0.5 }],
  // Windows file sharing, AFP, NFS.
  [
    ['serves tcp 445', 'serves tcp 139', 'serves tcp 548', 'serves tcp 2049'],
    { factors: { computer: 10, storage: 12, router: 3, printer: 1.5 }, rest: 0.5 },
  ],
  [['home tcp 445', 'home tcp 139', 'home udp 137'], { factors: { computer: 8, tv: 1.5, streamer: 1.5 }, rest: 0.7 }],
  [['serves tcp 3389', 'serves tcp 5900'], { factors: { computer: 20 }, rest: 0.5 }],
  [['serves tcp 22'], { factors: { computer: 5, storage: 4, router: 4, hub: 1.5 }, rest: 0.7 }],
  [['serves udp 53'], { factors: { router: 20, computer: 1.5 }, rest: 0.4 }],
  [['serves udp 67'], { factors: { router: 200, computer: 3 }, rest: 0.2 }],
  // lockdownd, by which iTunes finds iPhones and iPads.
  [['serves tcp 62078'], { factors: { phone: 30, tablet: 30 }, rest: 0.1 }],
  // Firebase messaging: Android and Chrome; Apple's push; both are also in what plays and shows.
  [
    ['internet tcp 5228', 'internet tcp 5229', 'internet tcp 5230'],
    { factors: { ...each(PERSONAL, 6), ...each(PLAYING, 4), tv: 2 }, rest: 0.1 },
  ],
  [
    ['internet tcp 5223'],
    { factors: { ...each(PERSONAL, 6), console: 4, speaker: 2, streamer: 2, health: 2, display: 2 }, rest: 0.2 },
  ],
  // IKE: calls over Wi-Fi (3GPP TS 24.302).
  [
    ['internet udp 500', 'internet udp 4500'],
    { factors: { phone: 15, computer: 2, tablet: 1.5, router: 2 }, rest: 0.3 },
  ],
  // Mail.
  [
    ['internet tcp 993', 'internet tcp 995', 'internet tcp 143', 'internet tcp 587', 'internet tcp 465'],
    { factors: { ...each(PERSONAL, 10), printer: 1, camera: 0.5 }, rest: 0.1 },
  ],
  // XMPP, as WhatsApp's phones use it.
  [['internet tcp 5222'], { factors: { phone: 5, tablet: 3, computer: 3 }, rest: 0.5 }],
  [['internet tcp 22', 'internet tcp 3389'], { factors: { computer: 15, storage: 2 }, rest: 0.2 }],
  // Xbox Live, PlayStation Network.
  [
    ['internet udp 3074', 'internet udp 3544', 'internet udp 9308'],
    { factors: { console: 10, computer: 2 }, rest: 0.2 },
  ],
  // MQTT and its secured form, CoAP: things that wait for orders.
  [
    ['internet tcp 8883', 'internet tcp 1883', 'internet udp 5684', 'internet udp 5683', 'internet udp 8053'],
    { factors: { ...each(EMBEDDED, 3), ...each(WATCHING, 2), printer: 1 }, rest: 0.5 },
  ],
  // STUN and TURN: calls and live pictures.
  [
    ['internet udp 3478', 'internet udp 19302', 'internet tcp 3478', 'internet udp 3479'],
    { factors: { ...each(WATCHING, 4), ...each(PERSONAL, 3), display: 2, console: 2 }, rest: 0.3 },
  ],
  // Local control by Kasa's devices, which these look for.
  [['home udp 9999'], { factors: { speaker: 4, display: 4, hub: 3, phone: 1.5 }, rest: 0.3 }],
  // Remote control of Android TV.
  [['serves tcp 6466', 'serves tcp 6467'], { factors: { tv: 10, streamer: 10 }, rest: 0.2 }],
  // ONVIF and printers answer WS-Discovery.
  [['serves udp 3702'], { factors: { camera: 8, printer: 6, computer: 2 }, rest: 0.7 }],
]

/** Clients of DHCP by option 55, as their sources ask. */
const PARAMETER_LISTS: readonly Entry[] = [
  [
    ['1,121,3,6,15,119,252', '1,121,3,6,15,108,114,119,252'],
    { factors: { phone: 8, tablet: 5, health: 4, streamer: 2, speaker: 2 }, rest: 0.1 },
  ],
  [
    [
      '1,121,3,6,15,119,252,95,44,46',
      '1,121,3,6,15,108,114,119,252,95,44,46',
      '1,3,6,15,119,95,252,44,46',
      '1,3,6,15,31,33,43,44,46,47,119,121,249,252',
      '1,15,3,6,44,46,47,31,33,121,249,43',
      '1,28,2,3,15,6,119,12,44,47,26,121,42',
      '1,2,6,12,15,26,28,121,3,33,40,41,42,119,249,252,17',
    ],
    { factors: { computer: 15, console: 0.5 }, rest: 0.1 },
  ],
  // Android's own client.
  [
    ['1,3,6,15,26,28,51,58,59,43', '1,3,6,15,26,28,51,58,59,43,114', '1,3,6,15,26,28,51,58,59,43,114,108'],
    { factors: { phone: 8, tablet: 6, tv: 5, streamer: 5, display: 3, reader: 2 }, rest: 0.1 },
  ],
  // lwIP, in modules without an operating system.
  [
    ['1,3,28,6', '1,3,28,6,15,44,46,47,31,33,121,43', '1,3,28'],
    { factors: { ...each(SMALL, 5), appliance: 5, hub: 2, vacuum: 2, health: 2, toy: 3 }, rest: 0.1 },
  ],
  // BusyBox, in devices with a small Linux.
  [
    ['1,3,6,12,15,28,42', '1,3,6,12,15,28', '1,3,6,12,15,17,28,42'],
    { factors: { ...each([...PERSONAL, ...SCREENS], 0.1), bulb: 0.7, sensor: 0.7 }, rest: 1 },
  ],
]

const VENDOR_CLASSES: readonly (readonly [RegExp, KindSign])[] = [
  [/^MSFT 5\.0/, { factors: { computer: 15, console: 3 }, rest: 0.1, words: 'DHCP client of Windows' }],
  [
    /^android-dhcp-/,
    {
      factors: { phone: 8, tablet: 6, tv: 5, streamer: 5, display: 3, reader: 2 },
      rest: 0.1,
      words: 'DHCP client of Android',
    },
  ],
  [
    /^udhcp/,
    {
      factors: { ...each([...PERSONAL, 'console'], 0.1), tv: 0.7 },
      rest: 1,
      words: 'DHCP client of small Linux systems',
    },
  ],
]

const HABITS: Record<Habit, KindSign> = {
  routes: {
    factors: { router: 100, computer: 2 },
    rest: 0.1,
    words: "carries others' packets to the internet",
  },
  joins: { factors: { router: 0.4 }, rest: 1, words: 'carries only its own packets to the internet' },
  uploads: {
    factors: {
      ...each(WATCHING, 8),
      ...each(SMALL, 0.05),
      speaker: 1,
      display: 1,
      computer: 1.5,
      phone: 1,
      tablet: 0.7,
      storage: 3,
      vacuum: 0.7,
      hub: 0.5,
    },
    rest: 0.4,
    words: 'sends far more than it receives, as cameras do',
  },
  'streams-home': {
    factors: { ...each(WATCHING, 6), ...each(SMALL, 0.05), storage: 6, computer: 1.5, hub: 0.7 },
    rest: 0.4,
    words: 'sends a stream to others at home, as cameras do',
  },
  answers: {
    factors: {
      ...each(EMBEDDED, 2),
      ...each(WATCHING, 3),
      ...each(PERSONAL, 0.5),
      ...each(SCREENS, 0.3),
      speaker: 3,
      display: 2,
      reader: 0.3,
    },
    rest: 1,
    words: 'sends about as much as it receives',
  },
  takes: {
    factors: {
      ...each(SCREENS, 2.5),
      ...each(PERSONAL, 1.5),
      reader: 2,
      speaker: 0.7,
      ...each(WATCHING, 0.1),
      ...each(EMBEDDED, 0.3),
    },
    rest: 0.7,
    words: 'receives far more than it sends',
  },
  downloads: {
    factors: {
      ...each([...SCREENS, ...PERSONAL], 3),
      ...each([...EMBEDDED, ...WATCHING], 0.03),
      speaker: 1,
      display: 1.5,
    },
    rest: 0.3,
    words: 'receives as much as films need',
  },
  quiet: {
    factors: { ...each(EMBEDDED, 2), ...each(WATCHING, 0.8), ...each([...PERSONAL, ...SCREENS], 0.4) },
    rest: 0.7,
    words: 'moves next to nothing',
  },
}

/** Phones, tablets and newer computers make their own address up; nothing that is made for one purpose does. */
export const PRIVATE_MAC: KindSign = {
  factors: { phone: 8, tablet: 5, computer: 3, health: 1 },
  rest: 0.03,
  words: 'makes up its own address, as phones do',
}

/** Nothing made for one purpose talks to so many. */
const BROWSES: KindSign = {
  factors: { ...each(PERSONAL, 4), ...each(SCREENS, 1.2), ...each([...EMBEDDED, ...WATCHING], 0.05), display: 0.7 },
  rest: 0.4,
  words: 'talks to many companies, as phones and computers do',
}

const byPort = indexed(PORTS, (port) => `uses port ${port}`)
const byList = indexed(PARAMETER_LISTS, (list) => `DHCP options ${list}`)

function indexed(entries: readonly Entry[], words: (value: string) => string): Map<string, KindSign> {
  return new Map(
    entries.flatMap(([values, sign]) =>
      values.map((value): [string, KindSign] => [value, { ...sign, words: words(value) }]),
    ),
  )
}

/** Whether a port says anything about the kind. */
export function isPortSign(port: string): boolean {
  return byPort.has(port)
}

/** Signs in the evidence, each entry of the tables above once. */
export function kindSigns(evidence: DeviceEvidence, isBrowsing: boolean): KindSign[] {
  const found = new Map<Partial<Record<Kind, number>>, KindSign>()
  const add = (sign: KindSign | undefined): void => {
    if (sign !== undefined && !found.has(sign.factors)) found.set(sign.factors, sign)
  }
  for (const port of evidence.ports ?? []) add(byPort.get(port))
  for (const list of evidence.dhcpParameterLists.slice(0, 4)) add(byList.get(list))
  for (const text of evidence.dhcpVendorClasses.slice(0, 4))
    for (const [pattern, sign] of VENDOR_CLASSES) if (pattern.test(text)) add(sign)
  for (const habit of evidence.habits ?? []) add(HABITS[habit])
  if (evidence.mac !== null && isPrivateMac(evidence.mac)) add(PRIVATE_MAC)
  if (isBrowsing) add(BROWSES)
  return [...found.values()]
}
