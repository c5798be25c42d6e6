// English words for look-ups, where a resolver's log is all there is.
import { lookups as lookUps, ofThemBlocked } from '../../server/text/en/lookups.ts'
import { number } from './format.ts'

/** "412 look-ups, 388 blocked" */
function count(value: number, blocked = 0): string {
  return lookUps(value) + ofThemBlocked(value, blocked)
}

function devices(value: number): string {
  return value === 1 ? '1 device' : `${number(value)} devices`
}

function were(value: number, blocked: number): string {
  if (blocked <= 0) return ''
  return blocked < value ? `: ${number(blocked)} ${blocked === 1 ? 'was' : 'were'} blocked` : ': all blocked'
}

export const lookups = {
  only: 'Bytes cannot be known from a DNS log: this shows which names were looked up, by whom, when.',
  devicesLead: 'How often every device looked names up.',
  column: 'Look-ups',
  count,
  /** "412, 388 blocked", under the column's title. */
  cell: (value: number, blocked = 0): string => number(value) + ofThemBlocked(value, blocked),
  /** "3 devices made 412 look-ups today, most by Doorbell: 388 were blocked." */
  home: (active: number, value: number, when: string, most: string | null, blocked = 0): string =>
    `${devices(active)} made ${count(value)} ${when}${most === null ? '' : `, most by ${most}`}${were(value, blocked)}.`,
  device: (value: number, when: string, blocked = 0): string => `Made ${count(value)} ${when}${were(value, blocked)}.`,
  /** "asked most for Samsung": whom a device's look-ups are of, where it sent nothing. */
  most: (company: string, isBlocked: boolean): string => `asked most for ${company}${isBlocked ? ', blocked' : ''}`,
  companies: (value: number, total: number, when: string, blocked = 0): string =>
    `Names of ${value === 1 ? '1 company' : `${number(value)} companies`} were looked up ${when}: ${count(total, blocked)}.`,
  company: (name: string, value: number, many: number, when: string, blocked = 0): string =>
    `Names of ${name} were looked up by ${devices(many)} ${when}: ${count(value, blocked)}.`,
  quiet: 'No name was looked up in this time.',
}
