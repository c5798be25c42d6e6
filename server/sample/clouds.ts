// The services that the sample home talks to: real host names of well-known ones at invented addresses, those that
// RFC 5737 and RFC 3849 set aside for documentation, so that they belong to nobody.
import { hex, u16, concat } from './packets/bytes.ts'

export type Cloud = {
  /** Null for an address that nobody looks up. */
  host: string | null
  /** Slug of the company that the rules must find; null where nobody can know. */
  company: string | null
  ipv4: Uint8Array
  /** Null where the service has none. */
  ipv6: Uint8Array | null
}

/** Host name → company. A star after the company: the service has IPv6 too. */
const HOSTS = {
  'avs-alexa-4-na.amazon.com': 'alexa',
  'alexa.na.gateway.devices.a2z.com': 'alexa',
  'api.amazonalexa.com': 'alexa',
  'tinytts.amazon.com': 'alexa',
  'device-metrics-us.amazon.com': 'amazon-devices',
  'det-ta-g7g.amazon.com': 'amazon-devices',
  'softwareupdates.amazon.com': 'amazon-devices',
  'amzdigitaldownloads.edgesuite.net': 'amazon-devices',
  'spectrum.s3.amazonaws.com': 'amazon-devices',
  'ntp-g7g.amazon.com': 'amazon-devices',
  'mmhome-static-content-prod.s3.amazonaws.com': 'aws',
  'opml.radiotime.com': 'tunein',
  'music.amazon.com': 'amazon-music',
  'embeddedassistant.googleapis.com': 'google-assistant*',
  'clients3.google.com': 'google-connectivity*',
  'connectivitycheck.gstatic.com': 'google-connectivity*',
  'time.google.com': 'google-time*',
  'play.googleapis.com': 'android*',
  'mtalk.google.com': 'android*',
  'android.clients.google.com': 'android*',
  'photosdata-pa.googleapis.com': 'google*',
  'firebaselogging-pa.googleapis.com': 'google-apps*',
  'app-measurement.com': 'google-analytics*',
  'pubads.g.doubleclick.net': 'google-ads*',
  'www.youtube.com': 'youtube*',
  'i.ytimg.com': 'youtube*',
  'rr3---sn-4g5edn6k.googlevideo.com': 'youtube*',
  'rr1---sn-4g5e6nsz.googlevideo.com': 'youtube*',
  'gew1-spclient.spotify.com': 'spotify',
  'audio-fa.scdn.co': 'spotify',
  'wyze-mqtt.wyzecam.com': 'wyze',
  'wyze-general-api.wyzecam.com': 'wyze',
  'device-api.wyzecam.com': 'wyze',
  'wyze-mars-prod.wyzecam.com': 'wyze',
  'wyze-device-alarm-file.s3.us-west-2.amazonaws.com': 'wyze',
  'archive-7c2.fra1.digitaloceanspaces.com': 'digitalocean',
  'es.ring.com': 'ring',
  'fw.ring.com': 'ring',
  'api.ring.com': 'ring',
  'share-snaps.ring.com': 'ring',
  'ec2-203-0-113-9.prd.rings.solutions': 'ring',
  'osb-v1.samsungqbe.com': 'samsung-tv',
  'time.samsungcloudsolution.com': 'samsung-tv',
  'lcprd1.samsungcloudsolution.net': 'samsung-tv',
  'otnprd8.samsungcloudsolution.net': 'samsung-tv',
  'acr-eu-prd.samsungacr.com': 'samsung-tv',
  'config.samsungads.com': 'samsung-ads',
  'ads.samsungads.com': 'samsung-ads',
  'sb.scorecardresearch.com': 'scorecardresearch',
  'api-global.netflix.com': 'netflix*',
  'ipv4-c012-fra001-ix.1.oca.nflxvideo.net': 'netflix*',
  'n-devs.tplinkcloud.com': 'tp-link',
  'n-deventry.tplinkcloud.com': 'tp-link',
  'm2.tuyaeu.com': 'tuya',
  'a2.tuyaeu.com': 'tuya',
  'home.ecobee.com': 'ecobee',
  'bgw.ecobee.com': 'ecobee',
  'home-fw.hm-prod.ecobee.com': 'ecobee',
  '12-courier.push.apple.com': 'apple-push*',
  '31-courier.push.apple.com': 'apple-push*',
  'gateway.icloud.com': 'homekit*',
  'p63-content.icloud.com': 'icloud*',
  'time.apple.com': 'apple-time*',
  'captive.apple.com': 'apple*',
  'gsp-ssl.ls.apple.com': 'apple-maps*',
  'swcdn.apple.com': 'apple-software-update*',
  'e4.whatsapp.net': 'whatsapp*',
  'mmg.whatsapp.net': 'whatsapp*',
  'i.instagram.com': 'instagram*',
  'scontent.cdninstagram.com': 'instagram*',
  'app.adjust.com': 'adjust',
  'unityads.unity3d.com': 'unity-ads',
  'www.roblox.com': 'roblox',
  'c0.rbxcdn.com': 'roblox',
  'outlook.office365.com': 'office365*',
  'wss-primary.slack.com': 'slack',
  'zoomfrn151mmr.frn.zoom.us': 'zoom',
  'github.com': 'github',
  'en.wikipedia.org': 'wikipedia*',
  'upload.wikimedia.org': 'wikipedia*',
  'www.bbc.co.uk': 'bbc*',
  '0.pool.ntp.org': 'ntp-pool',
  '2.pool.ntp.org': 'ntp-pool',
  'www.school-lunch-menu.example': '',
  'static.family-blog.example': '',
} as const

export type Host = keyof typeof HOSTS

const BLOCKS = [
  [203, 0, 113],
  [198, 51, 100],
  [192, 0, 2],
]
/** The last byte of addresses; each host has one of its own. */
const FIRST_LAST_BYTE = 10

const clouds = new Map(
  Object.entries(HOSTS).map(([host, marked], index): [string, Cloud] => {
    const company = marked.replace('*', '')
    return [
      host,
      {
        host,
        company: company === '' ? null : company,
        ipv4: ipv4Of(index),
        ipv6: marked.endsWith('*') ? ipv6Of(index) : null,
      },
    ]
  }),
)

export function cloudOf(host: Host): Cloud {
  return clouds.get(host)!
}

/** A fixed address that is never looked up, as in the firmware of cheap things. */
export function namelessCloud(index: number): Cloud {
  return { host: null, company: null, ipv4: Uint8Array.of(192, 0, 2, 200 + index), ipv6: null }
}

function ipv4Of(index: number): Uint8Array {
  const block = BLOCKS[index % BLOCKS.length]
  return Uint8Array.of(...block, FIRST_LAST_BYTE + Math.floor(index / BLOCKS.length))
}

function ipv6Of(index: number): Uint8Array {
  return concat(hex('2001 0db8 c10d'), u16(index), hex('0000 0000 0000'), u16(0x10 + index))
}
