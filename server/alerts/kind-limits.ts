// What devices of each kind may send: how much to a destination that is new or has no name is told, and ceilings that
// always hold. The README lists both.

/** Kinds (rules/kinds.yaml) with the same limits. */
export type LimitClass = 'small' | 'speaker' | 'screen' | 'camera' | 'unknown' | 'personal'

const CLASSES: Record<string, LimitClass> = {
  speaker: 'speaker',
  display: 'camera',
  camera: 'camera',
  doorbell: 'camera',
  tv: 'screen',
  streamer: 'screen',
  vacuum: 'speaker',
  phone: 'personal',
  tablet: 'personal',
  computer: 'personal',
  console: 'personal',
  storage: 'personal',
  reader: 'personal',
  vehicle: 'personal',
  unknown: 'unknown',
}

interface KindLimits {
  /** Sent to a destination that is new to the device or has no name: told from the first to the second of these. */
  strange: readonly [least: number, most: number]
  /** Ceilings as parts of the setting, which is what a television may send within ten minutes. */
  ceiling: { ten: number; hour: number; day: number }
}

const MB = 1e6
const LEAST = 150e3

const LIMITS: Record<LimitClass, KindLimits> = {
  small: { strange: [LEAST, 0.5 * MB], ceiling: { ten: 0.2, hour: 0.4, day: 2 } },
  speaker: { strange: [LEAST, 1 * MB], ceiling: { ten: 0.6, hour: 2, day: 10 } },
  screen: { strange: [LEAST, 2 * MB], ceiling: { ten: 1, hour: 3, day: 20 } },
  camera: { strange: [LEAST, 4.8 * MB], ceiling: { ten: 6, hour: 30, day: 500 } },
  unknown: { strange: [LEAST, 3 * MB], ceiling: { ten: 2, hour: 6, day: 40 } },
  // People copy what they please: with their own devices only much to a strange destination is told.
  personal: {
    strange: [250 * MB, 250 * MB],

    ceiling: { ten: 100, hour: 400, day: 1200 },
  },
}

/** The lowest of all ceilings, as a part of the setting. */
export const LOWEST_CEILING = Math.min(...Object.values(LIMITS).map(({ ceiling }) => ceiling.ten))
/** The lowest limit of all for a strange destination, in bytes. */
export const LOWEST_STRANGE = LEAST

export function limitClassOf(kind: string): LimitClass {
  return Object.hasOwn(CLASSES, kind) ? CLASSES[kind] : 'small'
}

export function isPersonal(kind: string): boolean {
  return limitClassOf(kind) === 'personal'
}

export function limitsOf(kind: string): KindLimits {
  return LIMITS[limitClassOf(kind)]
}
