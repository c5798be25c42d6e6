// The made-up home of the kept state: its days, its packets and its files.
import { gunzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'

const HOUR = 3_600
export const DAY = 86_400
/** The first second of the sample's day, Monday, 5 January 2026, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 0, 5) / 1000
export const TUESDAY = MONDAY + DAY
/** When the kept questions were asked. */
export const ASKED_AT = TUESDAY + 15 * HOUR
/** When the traffic that came after an upgrade is over. */
export const LATER = TUESDAY + 17 * HOUR

export const PASSWORD = 'a made-up password'
export const VIEWER_PASSWORD = 'another made-up one'

/** Sources are named below the program's own working folder, so that the kept home can lie anywhere. */
export const CAPTURES = '/proc/self/cwd/captures'
export const LOG = '/proc/self/cwd/dnsmasq.log'
export const LEASES = '/proc/self/cwd/dhcp.leases'

/** Devices of the sample. */
export const MAC = {
  camera: '7c:78:b2:5e:10:05',
  television: 'fc:c7:34:5e:10:07',
  phone: '9a:3c:5e:10:0c:41',
  tablet: 'd2:0f:5e:10:0e:93',
  speaker: 'fc:a1:83:5e:10:02',
  laptop: '32:88:5e:10:0f:6b',
  pixel: '6e:51:5e:10:0d:27',
  doorbell: '9c:76:13:5e:10:06',
  display: 'fc:d7:49:5e:10:04',
  thermostat: '44:61:32:5e:10:0b',
  lamp: 'f8:17:2d:5e:10:0a',
  washer: 'f0:09:0d:5e:10:08',
  heater: 'f0:a7:31:5e:10:09',
}
/** Devices that only the resolver's log and the leases know. */
export const LOGGED = [
  { mac: '02:00:5e:00:53:01', address: '192.168.1.201', name: 'weather-station' },
  { mac: '02:00:5e:00:53:02', address: '192.168.1.202', name: 'e-reader' },
]

export interface Record {
  seconds: number
  bytes: Uint8Array
  isOf: (mac: string) => boolean
}

const FILE_HEADER = 24
const RECORD_HEADER = 16

/** The packets of a pcap file, gzipped or not, `shift` seconds later. */
export function* packetsOf(path: string, shift: number): Generator<Record> {
  const file = readFileSync(path)
  const all = file[0] === 0x1f ? gunzipSync(file) : file
  for (let at = FILE_HEADER; at < all.length;) {
    const bytes = Uint8Array.from(all.subarray(at, at + RECORD_HEADER + all.readUInt32LE(at + 8)))
    at += bytes.length
    const view = new DataView(bytes.buffer)
    const seconds = view.getUint32(0, true) + shift
    view.setUint32(0, seconds, true)
    const ends = Buffer.from(bytes.subarray(RECORD_HEADER, RECORD_HEADER + 12)).toString('hex')
    yield { seconds, bytes, isOf: (mac) => ends.includes(mac.replaceAll(':', '')) }
  }
}

export function headerOf(path: string): Uint8Array {
  const file = readFileSync(path)
  return (file[0] === 0x1f ? gunzipSync(file) : file).subarray(0, FILE_HEADER)
}

/** A line as dnsmasq writes it. */
export function logLine(at: number, text: string): string {
  const date = new Date(at * 1000)
  const month = date.toLocaleString('en', { month: 'short', timeZone: 'UTC' })
  const time = date.toISOString().slice(11, 19)
  return `${month} ${String(date.getUTCDate()).padStart(2)} ${time} dnsmasq[411]: ${text}\n`
}
