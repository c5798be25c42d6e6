// The words of the question about a child's devices, in English.
import { amount, counted } from './common.ts'

export const CHILD = {
  title: "What do advertisers and trackers get from a child's devices?",
  story: "Amazon kept children's voices and locations, and apps for children were caught passing data to advertisers.",
}

export interface ChildNumbers {
  /** Of the one device, or null where there are several. */
  name: string | null
  devices: number
  companies: number
  days: number
  /** Null where only look-ups are known. */
  bytes: number | null
  lookups: number
  blocked: number
  /** "Tue 22:40"; null where nothing looks like use. */
  lastUse: string | null
}

export function childSentence(numbers: ChildNumbers): string {
  const { name, devices, companies, days, bytes, lookups, blocked, lastUse } = numbers
  const who = name ?? `Your children's ${counted(devices, 'device')}`
  const stopped = blocked > 0 ? ` (${blocked.toLocaleString('en')} blocked)` : ''
  const much = bytes === null ? `${counted(lookups, 'look-up')}${stopped}` : amount(bytes)
  const found =
    companies === 0
      ? `no advertising or tracking company in ${counted(days, 'captured day')}`
      : `${counted(companies, 'advertising or tracking company', 'advertising or tracking companies')} in ${counted(days, 'captured day')}, ${much}`
  return `${who}: ${found}${lastUse === null ? '' : `; last use ${lastUse}`}.`
}

export const childLimits = [
  { key: 'content', sentence: 'What was said, watched or sent, and who held the device, cannot be seen.' },
  {
    key: 'use',
    sentence:
      'Use is read from what arrives: more than 1 MB in an hour. An update looks the same; a game without a network is not seen.',
  },
  { key: 'elsewhere', sentence: 'Only this network is seen: nothing of mobile data, or of another home.' },
  {
    key: 'unnamed',
    sentence: 'Trackers that have no name of their own, or that answer under the name of the app, are not counted.',
  },
]
export const childKept = {
  key: 'kept',
  sentence: 'Of some of these devices only totals are kept, or nothing: their companies cannot be counted.',
}
export const childCannot =
  'Of these devices only totals are kept, or nothing: which companies they talk to cannot be said.'
export const needsChild = "No device belongs to a child yet: say on a device's screen whose it is."
