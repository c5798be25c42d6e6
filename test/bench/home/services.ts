// The servers that devices of the synthetic home contact. Public host names of well-known services, so that attribution
// has work to do; their addresses are made up from the name and belong to somebody else or nobody.
import { derivedSeed, seededRandom, type Random } from '../../../server/sample/packets/random.ts'
import type { DeviceKind } from './home.ts'

export type Service = {
  name: string
  /** What the name is an alias of, one after another; empty for most. */
  aliases: string[]
  ipv4: Uint8Array[]
  ipv6: Uint8Array[]
}

/** `#` stands for a number from 0 to 11. */
const NAMES: Record<DeviceKind, string[]> = {
  camera: [
    'fw-eventstream.ring.com',
    'api.ring.com',
    'nexusapi-us#.camera.home.nest.com',
    'wyze-device-alarm-file-#.s3.us-west-2.amazonaws.com',
    'api.us.xiaoyi.com',
    'stream-#.arlo.com',
  ],
  speaker: [
    'avs-alexa-#-na.amazon.com',
    'device-metrics-us-#.amazon.com',
    'api.amazonalexa.com',
    'audio-ak-#-spotify-com.akamaized.net',
    'clients#.google.com',
    'msmetrics.ws.sonos.com',
  ],
  television: [
    'api-global.netflix.com',
    'ipv4-c#-fra001-ix.1.oca.nflxvideo.net',
    'r#---sn-4g5e6nsz.googlevideo.com',
    'scribe.logs.roku.com',
    'acr-eu-prd-#.samsungcloud.tv',
    'lcprd1.samsungcloudsolution.net',
    'pubads.g.doubleclick.net',
  ],
  phone: [
    'www.google.com',
    'i#.ytimg.com',
    'r#---sn-4g5edn6k.googlevideo.com',
    'graph.facebook.com',
    'edge-mqtt.facebook.com',
    'scontent-fra#-1.xx.fbcdn.net',
    'e#.whatsapp.net',
    'gateway.icloud.com',
    '#-courier.push.apple.com',
    'p#-content.tiktokcdn.com',
    'firebaselogging-pa.googleapis.com',
    'app-measurement.com',
    'd#k2v3.cloudfront.net',
    'api#.duolingo.com',
    'ssl.gstatic.com',
    'weather-data.apple.com',
  ],
  computer: [
    'github.com',
    'avatars#.githubusercontent.com',
    'outlook.office365.com',
    'teams.microsoft.com',
    'v#.events.data.microsoft.com',
    'en.wikipedia.org',
    'upload.wikimedia.org',
    'cdn#.jsdelivr.net',
    'registry.npmjs.org',
    'www.bbc.co.uk',
    'fonts.gstatic.com',
    'd#a9xr.cloudfront.net',
  ],
  plug: ['m#.tuyaeu.com', 'a#.tuyaeu.com', 'n-euw1-devs.tplinkcloud.com', 'api.xbcs.net', 'eu-disp.coolkit.cc'],
  sensor: [
    'ws.meethue.com',
    'diag-#.meethue.com',
    'api.smartthings.com',
    'dc-eu01-euwest1.connect.smartthings.com',
    'mqtt-#.netatmo.net',
  ],
}

const HTTP_NAMES: Record<DeviceKind, string[]> = {
  camera: ['connectivity.ring.com', 'upgrade-#.xiaoyi.com'],
  speaker: ['spectrum.s3.amazonaws.com', 'opml.radiotime.com'],
  television: ['ocsp.digicert.com', 'fw-#.samsungotn.net'],
  phone: ['connectivitycheck.gstatic.com', 'captive.apple.com'],
  computer: ['www.msftconnecttest.com', 'detectportal.firefox.com', 'deb.debian.org'],
  plug: ['airtake-public-data-#.oss-cn-hangzhou.aliyuncs.com'],
  sensor: ['firmware-#.meethue.com'],
}

const TIME_NAMES = [
  '0.pool.ntp.org',
  '1.pool.ntp.org',
  '2.android.pool.ntp.org',
  'time.google.com',
  'time.apple.com',
  'time.windows.com',
]

/** First bytes of addresses that clouds and delivery networks hold. */
const IPV4_STARTS = [
  [3],
  [13],
  [18],
  [23],
  [34],
  [35],
  [44],
  [47],
  [52],
  [54],
  [99],
  [104],
  [142, 250],
  [151, 101],
  [157, 240],
  [172, 217],
  [199, 232],
]
const IPV6_STARTS = [
  [0x26, 0x00, 0x1f, 0x18],
  [0x2a, 0x00, 0x14, 0x50],
  [0x26, 0x06, 0x47, 0x00],
  [0x2a, 0x03, 0x28, 0x80],
  [0x2a, 0x02, 0x26, 0xf0],
]
/** The name's last alias, as delivery networks write it. */
const DELIVERY = ['edgekey.net', 'cdn.cloudflare.net', 'trafficmanager.net', 'l.google.com', 'akadns.net']

export function anyName(random: Random, kind: DeviceKind, use: 'secure' | 'plain' | 'time'): string {
  const names = use === 'time' ? TIME_NAMES : use === 'plain' ? HTTP_NAMES[kind] : NAMES[kind]
  return random.pick(names).replace('#', () => String(random.integer(0, 11)))
}

/** The same name always has the same aliases and addresses. */
export function serviceOf(name: string): Service {
  const random = seededRandom(hashOf(name))
  const chain = random.next()
  const delivery = random.pick(DELIVERY)
  const aliases =
    chain < 0.5
      ? []
      : chain < 0.8
        ? [`${name}.${delivery}`]
        : [`${name}.${delivery}`, `e${random.integer(1000, 9999)}.a.akamaiedge.net`]
  const count = random.integer(1, 4)
  return {
    name,
    aliases,
    ipv4: Array.from({ length: count }, () => anyIpv4(random)),
    ipv6: Array.from({ length: count }, () => anyAddress(random, IPV6_STARTS, 16)),
  }
}

/** An address somewhere on the internet. */
export function anyIpv4(random: Random): Uint8Array {
  return anyAddress(random, IPV4_STARTS, 4)
}

function anyAddress(random: Random, starts: number[][], length: number): Uint8Array {
  const address = random.bytes(length)
  address.set(random.pick(starts))
  // No network or broadcast lookalikes.
  address[length - 1] = random.integer(1, 254)
  return address
}

function hashOf(name: string): number {
  let hash = 0
  for (const letter of name) hash = derivedSeed(hash, letter.charCodeAt(0))
  return hash
}
