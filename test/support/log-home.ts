// A made-up home that only a resolver's log shows: its look-ups, and the lines in which each program writes them.
import { writeFileSync } from 'node:fs'
import { PiholeDatabase } from './pihole-database.ts'

export interface Asked {
  second: number
  client: string
  name: string
}

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export const CLIENT = {
  plug: '192.168.7.10',
  camera: '192.168.7.11',
  speaker: '192.168.7.12',
  phone: '192.168.7.13',
  bulb: '192.168.7.14',
} as const

const ROUTINES: { client: string; names: string[]; minutes: number }[] = [
  { client: CLIENT.plug, names: ['a1.tuyaeu.com', 'm1.tuyaeu.com'], minutes: 60 },
  { client: CLIENT.camera, names: ['api.wyzecam.com', 'wyze-iot-api.wyzecam.com'], minutes: 20 },
  { client: CLIENT.speaker, names: ['avs-alexa-eu.amazon.com', 'api.amazonalexa.com'], minutes: 15 },
  { client: CLIENT.bulb, names: ['v2.broker.lifx.co', 'cloud.lifx.com'], minutes: 50 },
]
const SITES = ['www.wikipedia.org', 'www.bbc.co.uk', 'www.instagram.com', 'graph.facebook.com', 'www.youtube.com']

/** What the home asks for in [from, until), each device by its routine and the phone by day. */
export function routine(from: number, until: number, leftOut: string = ''): Asked[] {
  const asked: Asked[] = []
  for (const { client, names, minutes } of ROUTINES) {
    if (client === leftOut) continue
    for (let second = from; second < until; second += minutes * MINUTE)
      asked.push({ second, client, name: names[Math.floor(second / MINUTE) % names.length] })
  }
  for (let second = from; second < until; second += 7 * MINUTE) {
    const hour = Math.floor((second % DAY) / HOUR)
    if (hour >= 7 && hour < 23)
      asked.push({ second, client: CLIENT.phone, name: SITES[Math.floor(second / 420) % SITES.length] })
  }
  return asked
}

/** `count` look-ups of a name, `step` seconds apart. */
export function burst(client: string, name: string, from: number, count: number, step = 60): Asked[] {
  return Array.from({ length: count }, (_, index) => ({ second: from + index * step, client, name }))
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Lines as each program writes them; syslog and BIND write this machine's time. */
export const LINES: Record<string, (asked: Asked) => string> = {
  unbound: ({ second, client, name }) => `[${second}] unbound[7:0] info: ${client} ${name}. A IN`,
  dnsmasq: ({ second, client, name }) => {
    const date = new Date(second * 1000)
    const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
    return `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${time} dnsmasq[7]: query[A] ${name} from ${client}`
  },
  bind: ({ second, client, name }) => {
    const date = new Date(second * 1000)
    const day = `${two(date.getDate())}-${MONTHS[date.getMonth()]}-${date.getFullYear()}`
    const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.000`
    return `${day} ${time} queries: info: client @0x7f ${client}#35498 (${name}): query: ${name} IN A + (192.168.7.1)`
  },
  adguard: ({ second, client, name }) =>
    JSON.stringify({
      T: new Date(second * 1000).toISOString(),
      QH: name,
      QT: 'A',
      QC: 'IN',
      CP: '',
      IP: client,
      Result: {},
      Elapsed: 1,
    }),
}

/** A log, or Pi-hole's database, of what was asked. */
export function writeLog(format: string, path: string, asked: readonly Asked[]): void {
  const sorted = [...asked].sort((one, other) => one.second - other.second)
  if (format === 'pihole-ftl') {
    const database = new PiholeDatabase(path)
    database.together(() => {
      for (const { second, client, name } of sorted) database.ask(second, client, name)
    })
    database.close()
    return
  }
  const line = LINES[format]
  writeFileSync(path, sorted.map((one) => `${line(one)}\n`).join(''))
}
