// The devices of the sample home, their addresses, and how each of them introduces itself.
import { hex, concat } from './packets/bytes.ts'
import { ipBytes, macBytes } from './packets/addresses.ts'

export type Introduction = {
  /** What it says when it asks for an address, RFC 2132 options 12, 60 and 55. */
  dhcp: { hostName?: string; vendorClass?: string; parameters: number[] }
  /** What it offers by multicast DNS, RFC 6763. */
  mdns?: { service: string; instance: string; host: string; port: number; txt: string[] }
  /** What it announces by SSDP (UPnP Device Architecture 1.1, section 1.2). */
  ssdp?: { server: string; type: string }
}

export type Member = {
  id: MemberId
  mac: Uint8Array
  ipv4: Uint8Array
  /** Formed from the advertised prefix, and link-local; null for what uses IPv4 only, as most things do. */
  ipv6: { global: Uint8Array; linkLocal: Uint8Array } | null
  introduction: Introduction
}

export const MEMBER_IDS = [
  'router',
  'echo',
  'nest',
  'show',
  'camera',
  'doorbell',
  'tv',
  'washer',
  'heater',
  'lamp',
  'thermostat',
  'iphone',
  'pixel',
  'ipad',
  'laptop',
] as const
export type MemberId = (typeof MEMBER_IDS)[number]

/** RFC 3849's documentation prefix. */
export const HOME_PREFIX = '2001:db8:1:1::'

const ECHO_PARAMETERS = [1, 33, 3, 6, 15, 28, 51, 58, 59, 119]
const APPLE_PARAMETERS = [1, 121, 3, 6, 15, 108, 114, 119, 252]
const ANDROID_PARAMETERS = [1, 3, 6, 15, 26, 28, 51, 58, 59, 43, 114, 108]
const LWIP_PARAMETERS = [1, 3, 28, 6]
const LINUX_PARAMETERS = [1, 3, 6, 12, 15, 28, 42]

/** Makers' prefixes with invented remainders; phones, tablet and laptop made their addresses up, as they do. */
const MEMBERS: Record<MemberId, { mac: string; ipv6: boolean; introduction: Introduction }> = {
  router: {
    mac: 'f8:d1:11:5e:00:01',
    ipv6: true,
    introduction: {
      dhcp: { parameters: [] },
      ssdp: {
        server: 'TP-LINK/Archer_AX55 UPnP/1.0 MiniUPnPd/2.2.1',
        type: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
      },
    },
  },
  echo: {
    mac: 'fc:a1:83:5e:10:02',
    ipv6: false,
    introduction: {
      dhcp: {
        hostName: 'Echo-Dot-Bedroom',
        vendorClass: 'dhcpcd-6.8.2:Linux-4.9.113:armv7l:MT8512',
        parameters: ECHO_PARAMETERS,
      },
    },
  },
  nest: {
    mac: 'f8:8f:ca:5e:10:03',
    ipv6: true,
    introduction: {
      dhcp: { parameters: [1, 33, 3, 6, 15, 26, 28, 51, 58, 59] },
      mdns: {
        service: '_googlecast._tcp.local',
        instance: 'Google-Nest-Mini-5e1003aa',
        host: '5e1003aa-nest.local',
        port: 8009,
        txt: ['id=5e1003aa', 'md=Google Nest Mini', 'fn=Living room speaker', 've=05', 'ca=199172', 'st=0'],
      },
    },
  },
  show: {
    mac: 'fc:d7:49:5e:10:04',
    ipv6: false,
    introduction: {
      dhcp: { hostName: 'Echo-Show-Kitchen', vendorClass: 'android-dhcp-9', parameters: ECHO_PARAMETERS },
    },
  },
  camera: {
    mac: '7c:78:b2:5e:10:05',
    ipv6: false,
    introduction: {
      dhcp: { hostName: 'WyzeCam-Garden', vendorClass: 'udhcp 1.25.1', parameters: [1, 3, 6, 12, 15, 28, 42] },
    },
  },
  doorbell: {
    mac: '9c:76:13:5e:10:06',
    ipv6: false,
    introduction: { dhcp: { hostName: 'Ring-Doorbell-Front', parameters: LINUX_PARAMETERS } },
  },
  tv: {
    mac: 'fc:c7:34:5e:10:07',
    ipv6: true,
    introduction: {
      dhcp: { hostName: 'Samsung-TV-Lounge', parameters: [1, 3, 6, 12, 15, 28, 42, 125] },
      ssdp: { server: 'SHP, UPnP/1.0, Samsung UPnP SDK/1.0', type: 'urn:samsung.com:device:RemoteControlReceiver:1' },
    },
  },
  washer: {
    mac: 'f0:09:0d:5e:10:08',
    ipv6: false,
    introduction: { dhcp: { hostName: 'KP115-Washer', parameters: LWIP_PARAMETERS } },
  },
  heater: {
    mac: 'f0:a7:31:5e:10:09',
    ipv6: false,
    introduction: { dhcp: { hostName: 'HS110-Heater', parameters: LWIP_PARAMETERS } },
  },
  lamp: {
    mac: 'f8:17:2d:5e:10:0a',
    ipv6: false,
    introduction: { dhcp: { hostName: 'tuya-lamp-plug', parameters: LWIP_PARAMETERS } },
  },
  thermostat: {
    mac: '44:61:32:5e:10:0b',
    ipv6: false,
    introduction: {
      dhcp: { hostName: 'ecobee-Hall', parameters: LINUX_PARAMETERS },
      mdns: {
        service: '_hap._tcp.local',
        instance: 'ecobee Hall',
        host: 'ecobee-hall.local',
        port: 1200,
        txt: ['c#=1', 'md=ecobee3 lite', 'pv=1.1', 'ci=9'],
      },
    },
  },
  iphone: {
    mac: '9a:3c:5e:10:0c:41',
    ipv6: true,
    introduction: { dhcp: { hostName: 'Mayas-iPhone', parameters: APPLE_PARAMETERS } },
  },
  pixel: {
    mac: '6e:51:5e:10:0d:27',
    ipv6: true,
    introduction: { dhcp: { hostName: 'Pixel-8', vendorClass: 'android-dhcp-15', parameters: ANDROID_PARAMETERS } },
  },
  ipad: {
    mac: 'd2:0f:5e:10:0e:93',
    ipv6: true,
    introduction: { dhcp: { hostName: 'Leos-iPad', parameters: APPLE_PARAMETERS } },
  },
  laptop: {
    mac: '32:88:5e:10:0f:6b',
    ipv6: true,
    introduction: {
      dhcp: { hostName: 'Mayas-MacBook-Air', parameters: [1, 121, 3, 6, 15, 108, 114, 119, 252, 95, 44, 46] },
    },
  },
}

export type Household = Record<MemberId, Member>

export function makeHousehold(): Household {
  const made = MEMBER_IDS.map((id, index): [MemberId, Member] => {
    const { mac, ipv6, introduction } = MEMBERS[id]
    const bytes = macBytes(mac)
    const addresses = {
      global: concat(ipBytes(HOME_PREFIX).subarray(0, 8), interfaceId(bytes)),
      linkLocal: concat(hex('fe80 0000 0000 0000'), interfaceId(bytes)),
    }
    const last = index === 0 ? 1 : 20 + index
    return [id, { id, mac: bytes, ipv4: Uint8Array.of(192, 168, 1, last), ipv6: ipv6 ? addresses : null, introduction }]
  })
  return Object.fromEntries(made) as Household
}

/** Modified EUI-64, RFC 4291, appendix A. */
function interfaceId(mac: Uint8Array): Uint8Array {
  return Uint8Array.of(mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5])
}
