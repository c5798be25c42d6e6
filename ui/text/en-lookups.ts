// English words for look-ups, where a resolver's log is all there is.
import { number } from './format.ts'

function count(value: number): string {
  return value === 1 ? '1 look-up' : `${number(value)} look-ups`
}

function devices(value: number): string {
  return value === 1 ? '1 device' : `${number(value)} devices`
}

export const lookups = {
  only: 'Bytes cannot be known from a DNS log: this shows which names were looked up, by whom, when.',
  devicesLead: 'How often every device looked names up.',
  column: 'Look-ups',
  count,
  /** "3 devices made 412 look-ups today, most by Doorbell." */
  home: (active: number, value: number, when: string, most: string | null): string =>
    `${devices(active)} made ${count(value)} ${when}${most === null ? '' : `, most by ${most}`}.`,
  device: (value: number, when: string): string => `Made ${count(value)} ${when}.`,
  companies: (value: number, total: number, when: string): string =>
    `Names of ${value === 1 ? '1 company' : `${number(value)} companies`} were looked up ${when}: ${count(total)}.`,
  company: (name: string, value: number, many: number, when: string): string =>
    `Names of ${name} were looked up by ${devices(many)} ${when}: ${count(value)}.`,
  quiet: 'No name was looked up in this time.',
  asked: (value: number): string => `Its name was looked up: ${count(value)} in the resolver's log.`,
}
