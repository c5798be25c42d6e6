// Made-up homes in which nothing happens that anybody needs to be told: appliances, people's devices, updates, failures
// of the way to the internet, holidays. By the look-ups in a resolver's log.
import type { Asked } from './log-home.ts'

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

/** Names by device, of its maker and of what every device uses. */
const APPLIANCES: Record<string, { names: string[]; minutes: number }> = {
  plug: { names: ['a1.tuyaeu.com', 'm1.tuyaeu.com', 'a2.tuyaeu.com'], minutes: 45 },
  bulb: { names: ['v2.broker.lifx.co', 'cloud.lifx.com'], minutes: 60 },
  camera: {
    names: ['api.wyzecam.com', 'wyze-iot-api.wyzecam.com', 'wyze-device-alarm-file.s3.amazonaws.com'],
    minutes: 15,
  },
  speaker: { names: ['avs-alexa-eu.amazon.com', 'api.amazonalexa.com', 'device-metrics-us.amazon.com'], minutes: 8 },
  doorbell: { names: ['fw.ring.com', 'api.ring.com', 'es.ring.com'], minutes: 30 },
  hub: { names: ['ws.meethue.com', 'discovery.meethue.com', 'diagnostics.meethue.com'], minutes: 20 },
  thermostat: { names: ['i.tado.com', 'my.tado.com'], minutes: 25 },
  sensor: { names: ['api.netatmo.net', 'netcom.netatmo.net'], minutes: 10 },
}
const INFRASTRUCTURE = [
  '0.pool.ntp.org',
  'time.google.com',
  'time.windows.com',
  'connectivitycheck.gstatic.com',
  'd1f2.cloudfront.net',
  'e123.dscb.akamaiedge.net',
  'ocsp.digicert.com',
  'r3.o.lencr.org',
  'pool.ntp.org',
  'nas.lan',
  '1.7.168.192.in-addr.arpa',
]
const UPDATES = ['d3p8.cloudfront.net', 'firmware.s3.amazonaws.com', 'download.windowsupdate.com']
const SITES = [
  ...['google.com', 'wikipedia.org', 'bbc.co.uk', 'nytimes.com', 'spiegel.de', 'reddit.com', 'instagram.com'],
  ...['facebook.com', 'tiktok.com', 'whatsapp.net', 'apple.com', 'icloud.com', 'microsoft.com', 'github.com'],
  ...['netflix.com', 'youtube.com', 'spotify.com', 'amazon.de', 'ebay.de', 'paypal.com', 'doubleclick.net'],
  ...['googlesyndication.com', 'criteo.com', 'adnxs.com', 'app-measurement.com', 'branch.io', 'adjust.com'],
  ...['sentry.io', 'scorecardresearch.com', 'taboola.com', 'outbrain.com', 'dropbox.com', 'zoom.us', 'twitch.tv'],
]

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What a home asks for in so many days, in order of time. */
export function quietHome(seed: number, start: number, days: number): Asked[] {
  const random = randomOf(seed)
  const pick = <One>(list: readonly One[]): One => list[Math.floor(random() * list.length)]
  const asked: Asked[] = []
  const end = start + days * DAY
  // The way to the internet fails now and then: every appliance asks again and again.
  const failures = Array.from({ length: Math.round(days / 15) }, () => start + random() * days * DAY)
  const holiday = start + (8 + random() * (days - 16)) * DAY
  const isAway = (second: number): boolean => second > holiday && second < holiday + 5 * DAY
  const ask = (client: string, name: string, second: number): void =>
    void asked.push({ client, name, second: Math.floor(second) })

  for (const [place, { names, minutes }] of Object.values(APPLIANCES).entries()) {
    if (random() < 0.25) continue
    const client = `192.168.7.${place + 10}`
    for (let second = start + random() * HOUR; second < end; second += minutes * MINUTE * (0.4 + 1.2 * random())) {
      const name = random() < 0.1 ? pick(INFRASTRUCTURE) : pick(names)
      ask(client, name, second)
      if (random() < 0.5) ask(client, name, second + 1)
    }
    for (const failure of failures)
      for (let second = failure + random() * MINUTE; second < failure + 40 * MINUTE; second += 10 + 20 * random())
        ask(client, names[0], second)
    // An update in the night, about once a month.
    if (random() < days / 30) {
      const night = start + Math.floor(random() * days) * DAY + 3 * HOUR
      for (let count = 0; count < 5; count++) ask(client, pick([...UPDATES, ...names]), night + count * 20)
    }
  }
  for (let person = 0; person < 4; person++) browse(`192.168.7.${30 + person}`)
  return asked.sort((one, other) => one.second - other.second)

  /** A phone, a tablet, a computer, a television: whatever it is, people choose what it asks for. */
  function browse(client: string): void {
    for (let day = start; day < end; day += DAY) {
      const from = day + (6 + 2 * random()) * HOUR
      const until = day + (21 + 4 * random()) * HOUR
      for (let second = from; second < until && !isAway(second); second += 20 * MINUTE * random()) {
        const site = random() < 0.05 ? `site-${Math.floor(random() * 2_000)}.example.net` : pick(SITES)
        for (const host of ['www', 'api']) ask(client, `${host}.${site}`, second)
      }
      for (let second = day + HOUR * random(); second < from; second += 50 * MINUTE * random())
        if (!isAway(second)) ask(client, pick(['push.apple.com', 'mtalk.google.com', 'time.apple.com']), second)
    }
  }
}
