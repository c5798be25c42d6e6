// The devices of the lab, what they do, and what Telltale should report of them.

/** One thing that a device does again and again. Bytes are of the application: the headers come on top. */
export interface Habit {
  host: string
  via: 'tls' | 'http' | 'udp' | 'quic'
  port: number
  family: 4 | 6
  /** Least and most bytes sent and received each time. */
  up: [number, number]
  down: [number, number]
  /** The bytes are sent over this time, as a stream is. */
  overSeconds?: number
  everySeconds: number
  /** What is true: whose host, what for (slugs of the rules). Null where nobody can know. */
  company: string | null
  purpose: string | null
}

/** What a device announces over multicast DNS. */
export interface Announcement {
  service: string
  instance: string
  text: string[]
}

export interface DevicePlan {
  /** Last part of its namespace's name. */
  label: string
  mac: string
  /** What it says over DHCP; null where it says nothing. */
  hostName: string | null
  vendorClass: string | null
  announces: Announcement | null
  habits: Habit[]
  is: { name: string; kind: string; vendor: string | null }
}

export const HOSTILE_NAME = '<img src=x onerror=alert(1)>'

/** A voice request is 65 to 150 KB up, and the answer comes down as sound. */
const speaker: DevicePlan = {
  label: 'speaker',
  mac: '68:54:fd:1a:2b:3c',
  hostName: 'amazon-1a2b3c4d5',
  vendorClass: 'dhcpcd-6.8.2:Linux-4.9.113:armv7l:MT8163',
  announces: null,
  is: { name: 'Amazon Echo', kind: 'speaker', vendor: 'Amazon' },
  habits: [
    tls('avs-alexa-4-na.amazon.com', 'alexa', 'voice', {
      up: [65_000, 150_000],
      down: [20_000, 60_000],
      overSeconds: 2,
      everySeconds: 8,
    }),
    tls('device-metrics-us.amazon.com', 'amazon-devices', 'telemetry', {
      up: [1_000, 6_000],
      down: [200, 400],
      everySeconds: 5,
      family: 6,
    }),
    {
      ...tls('spectrum.s3.amazonaws.com', 'amazon-devices', 'connectivity', {
        up: [0, 0],
        down: [200, 300],
        everySeconds: 10,
      }),
      via: 'http',
      port: 80,
    },
  ],
}

const camera: DevicePlan = {
  label: 'camera',
  mac: 'ec:71:db:4d:5e:6f',
  hostName: 'Reolink-E1-Pro',
  vendorClass: 'udhcp 1.24.1',
  announces: null,
  is: { name: 'Reolink-E1-Pro', kind: 'camera', vendor: 'Reolink' },
  habits: [
    tls('p2p.reolink.com', 'reolink', 'video', {
      up: [400_000, 700_000],
      down: [500, 900],
      overSeconds: 4,
      everySeconds: 4.5,
    }),
    tls('pushx.reolink.com', 'reolink', 'push', { up: [300, 600], down: [200, 300], everySeconds: 7 }),
  ],
}

const phone: DevicePlan = {
  label: 'phone',
  mac: 'd2:7c:19:60:71:82',
  hostName: 'Pixel-7',
  vendorClass: 'android-dhcp-13',
  announces: null,
  is: { name: 'Pixel-7', kind: 'phone', vendor: 'Google' },
  habits: [
    {
      ...tls('www.youtube.com', 'youtube', 'streaming', { up: [500, 900], down: [200_000, 400_000], everySeconds: 6 }),
      via: 'quic',
    },
    {
      ...tls('www.google.com', 'google', 'web', { up: [500, 900], down: [40_000, 60_000], everySeconds: 9, family: 6 }),
      via: 'quic',
    },
    tls('mtalk.google.com', 'android', 'push', { up: [200, 400], down: [200, 400], everySeconds: 6, family: 6 }),
    tls('graph.instagram.com', 'instagram', 'web', { up: [8_000, 20_000], down: [30_000, 60_000], everySeconds: 5 }),
    tls('api.spotify.com', 'spotify', 'streaming', { up: [1_000, 2_000], down: [80_000, 160_000], everySeconds: 7 }),
    tls('app-measurement.com', 'google-analytics', 'tracking', {
      up: [2_000, 5_000],
      down: [100, 200],
      everySeconds: 6,
    }),
  ],
}

const plug: DevicePlan = {
  label: 'plug',
  mac: '50:c7:bf:83:94:a5',
  hostName: 'HS110(EU)',
  vendorClass: null,
  announces: null,
  is: { name: 'HS110(EU)', kind: 'plug', vendor: 'TP-Link' },
  habits: [
    tls('devs.tplinkcloud.com', 'tp-link', 'control', { up: [80, 120], down: [80, 120], everySeconds: 3 }),
    {
      ...tls('n-devs.tplinkcloud.com', 'tp-link', 'control', { up: [90, 90], down: [90, 90], everySeconds: 4 }),
      via: 'udp',
      port: 9443,
    },
  ],
}

const hostile: DevicePlan = {
  label: 'hostile',
  mac: 'da:1f:44:b6:c7:d8',
  hostName: HOSTILE_NAME,
  vendorClass: '"><script>alert(2)</script>',
  announces: { service: '_http._tcp', instance: '<svg onload=alert(3)>', text: ['fn=<b>bold</b>', '__proto__=1'] },
  is: { name: HOSTILE_NAME, kind: 'unknown', vendor: null },
  habits: [
    tls('static.lab-of-nobody.example', null, null, { up: [2_000, 4_000], down: [100, 200], everySeconds: 5 }),
    { ...tls('nobody.example', null, null, { up: [0, 0], down: [300, 400], everySeconds: 6 }), via: 'http', port: 80 },
  ],
}

/** Many things have no IPv6 at all. */
export function hasIpv6({ habits }: DevicePlan): boolean {
  return habits.some(({ family }) => family === 6)
}

export const HOUSEHOLD: readonly DevicePlan[] = [speaker, camera, phone, plug, hostile]

/** The smallest household that shows anything: two devices with one TLS connection each, over IPv4 and IPv6. */
export const TWO_DEVICES: readonly DevicePlan[] = [
  { ...speaker, habits: speaker.habits.slice(0, 1).map((habit) => ({ ...habit, overSeconds: 0.5 })) },
  { ...plug, habits: plug.habits.slice(0, 1).map((habit) => ({ ...habit, family: 6 })) },
]

/** Where the plug's marked packets go. */
export const MARKED = plug.habits[1]

type Amounts = Pick<Habit, 'up' | 'down' | 'everySeconds'> & { overSeconds?: number; family?: 4 | 6 }

function tls(host: string, company: string | null, purpose: string | null, { family = 4, ...amounts }: Amounts): Habit {
  return { host, via: 'tls', port: 443, family, company, purpose, ...amounts }
}
