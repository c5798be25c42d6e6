// How much real devices send, and how often: figures measured in public captures.
//
// Source, unless a line says another: BehavIoT (Hu et al., IMC 2023, NEU-SNS/BehavIoT, Apache-2.0). Bytes are medians
// and 95th percentiles of labelled bursts up to the internet; periods are those of its fingerprints of endpoints.
import type { Random } from '../sample/packets/random.ts'

/** Median, 95th percentile, and the most that was seen. */
export interface Amount {
  median: number
  p95: number
  most: number
}

/** Spoken requests: to avs-alexa-N-na.amazon.com (Echo Show 5, Echo Spot), to www.google.com (Home Mini). */
export const ECHO_REQUEST: Amount = { median: 89_000, p95: 134_000, most: 208_000 }
export const GOOGLE_REQUEST: Amount = { median: 135_400, p95: 148_900, most: 188_300 }
/** The answer of a request. */
export const ANSWER: Amount = { median: 11_800, p95: 60_600, most: 120_000 }
/** device-metrics-us.amazon.com: mostly empty, now and then the statistics of a day. */
export const ECHO_METRICS: Amount = { median: 2_400, p95: 142_400, most: 213_000 }
/** play.googleapis.com of a Home Mini, about every 600 s. */
export const GOOGLE_TELEMETRY: Amount = { median: 9_300, p95: 12_800, most: 16_300 }

/** Wyze Cam: clips to a store (8.7 to 12 s), and pictures for somebody who watches (31 to 50 s). */
export const STORED_CLIP: Amount = { median: 1_132_000, p95: 1_666_000, most: 3_490_000 }
export const RELAYED_VIEW: Amount = { median: 3_300_000, p95: 4_286_000, most: 7_333_000 }
/** Ring camera: bursts of 4 to 36 s, mostly a recording; 27 to 36 s where somebody watched. */
export const RING_CLIP: Amount = { median: 1_240_000, p95: 7_700_000, most: 12_787_000 }
/** Ring doorbell: recordings, and somebody who talks at the door (30 to 48 s). */
export const BELL_CLIP: Amount = { median: 690_000, p95: 1_099_000, most: 3_887_000 }
export const BELL_TALK: Amount = { median: 4_590_000, p95: 4_912_000, most: 6_783_000 }
/** wu.ring.com of the doorbell, every 901 s at most. */
export const BELL_TELEMETRY: Amount = { median: 6_570, p95: 76_200, most: 227_300 }
/** An app's call to api.wyzecam.com, which a camera makes about every clip. */
export const CAMERA_CALL: Amount = { median: 2_150, p95: 2_200, most: 2_334 }

/**
 * A camera that is watched all day: 60 to 150 kB a second of small pictures (Ring and Wyze send 85 to 260 kB a second
 * while somebody watches, of which a still scene takes a third).
 */
export const STEADY_VIDEO = { least: 60_000, most: 150_000, atNight: 0.45 } as const

/** Bytes of a heartbeat, each way: TLS records of 54 to 376 bytes. */
export const BEAT = { least: 54, most: 376 } as const

/** Seconds between heartbeats, by what sends them. */
export const PERIODS = {
  /** avs-alexa-4-na.amazon.com, device-metrics-us.amazon.com, a cloudfront name. */
  echo: [300, 3_600, 3_618],
  /** fcm.googleapis.com, connectivitycheck.gstatic.com. */
  google: [2_170, 600],
  /** m2.tuyaus.com and a3.tuyaus.com of a bulb. */
  tuya: [60, 43_201],
  /** devs.tplinkcloud.com of a plug. */
  tpLink: [236, 3_603],
  /** rss-dpd-service.ring.com, wu.ring.com. */
  ring: [300, 901],
  /** *.auto.mydlink.com of a camera; aws-iot.wyzecam.com alike. */
  camera: [55, 3_601],
  /** Addresses without a name of a doorbell with a relay: 35 s each, and 600 s over UDP. */
  relay: [35, 600],
  /** *.api.smartthings.com and api.tizenservice.com of a fridge. */
  samsung: [61, 86_400],
  /** An IoT core of Amazon's of a hub or a small box; its look for updates. */
  iotCore: [60, 86_400],
  /** *.push.apple.com of a HomePod. */
  push: [301, 28_800],
  /** keycoiot.solu-m.com of an air sensor. */
  sensor: [300, 3_460],
} as const

/**
 * Acknowledgements of what is received over TCP: 52 to 66 bytes for two segments of 1,448, fewer where the network card
 * joins segments, more for small records (RFC 1122 4.2.3.2, RFC 5681 4.2).
 */
export const ACKNOWLEDGED = { least: 0.008, most: 0.038 } as const

/**
 * A draw whose median and 95th percentile are those measured: log-normal, since bytes of bursts have a long tail; never
 * above the most that was seen.
 */
export function draw(random: Random, { median, p95, most }: Amount): number {
  // 1.645 standard deviations lie between the median and the 95th percentile.
  const deviation = Math.log(p95 / median) / 1.645
  return Math.round(Math.min(most, median * Math.exp(deviation * normal(random))))
}

/** Box and Muller's transform: a draw from the standard normal distribution. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

/** Between both, every order of magnitude as likely as the others. */
export function anyScale(random: Random, least: number, most: number): number {
  return least * (most / least) ** random.next()
}
