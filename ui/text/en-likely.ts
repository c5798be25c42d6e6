// English words for who is probably behind what no company was seen for. Not loaded with every page.
import { bytes, share } from './format.ts'

function possessive(name: string): string {
  return /s$/i.test(name) ? `${name}’` : `${name}’s`
}

function cloudOf(name: string): string {
  return /\bcloud/i.test(name) ? name : `${possessive(name)} cloud`
}

export const likely = {
  company: (name: string): string => `probably ${name}`,
  inCloud: (name: string, cloud: string): string => `probably ${name}, in ${cloudOf(cloud)}`,
  purpose: (purpose: string): string => `${purpose}, probably`,
  why: 'Why probably',
  /** `purpose` is null where nothing tells it. */
  whyOf: (name: string, purpose: string | null, confidence: number): string =>
    `Probably ${name}${purpose === null ? '' : `, for: ${purpose}`} (${share(confidence, 1)} sure). No name of it was seen.`,
  whyNone: 'No reason is kept.',
  seen: (what: string): string => `seen: ${what}`,
  seenTitle: 'What was seen',
  addressIn: {
    cloud: (cloud: string): string => `an address in ${possessive(cloud)} network`,
    network: (network: string): string => `an address in ${network}`,
    unknown: 'an address without a name',
  },
  port: (where: string, protocol: string, port: string): string =>
    `${where}, ${protocol === 'tcp' ? '' : `${protocol.toUpperCase()} `}port ${port}`,
  /** Beside a sum that it is no part of. */
  more: (sent: number, received: number): string => `and probably ↑ ${bytes(sent)} ↓ ${bytes(received)} more`,
  only: (sent: number, received: number): string => `probably ↑ ${bytes(sent)} ↓ ${bytes(received)}`,
  companyMore: (both: string): string =>
    `And probably more: ${both}, in a rented cloud or at addresses without a name. That is not added here.`,
  companyOnly: (both: string): string =>
    `But probably: ${both}, in a rented cloud or at addresses without a name. That is not counted as seen.`,
  quiet: (name: string, when: string): string => `Nothing was seen going to ${name} ${when}.`,
  hosts: 'Probably theirs',
  hostsLead: 'No name was seen there. Open a line to see why we think so.',
}
