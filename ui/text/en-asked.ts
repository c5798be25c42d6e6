// English words for names that were looked up and got no byte. Loaded with the screens of one device and of companies.
import { lookups, ofThemBlocked } from '../../server/text/en/lookups.ts'
import type { LookedUp } from '../../server/api.ts'

/** "412 look-ups, 388 blocked" */
function figures({ lookups: count = 0, blocked = 0 }: LookedUp): string {
  return lookups(count) + ofThemBlocked(count, blocked)
}

export const asked = {
  figures,
  /** "Asked for, blocked: 388 look-ups"; null where bytes were seen, or no name was looked up. */
  only: (row: LookedUp & { sent: number; received: number }): string | null => {
    const { lookups: count = 0, blocked = 0 } = row
    if (row.sent + row.received > 0 || count === 0) return null
    return blocked >= count ? `Asked for, blocked: ${lookups(count)}` : `Only asked for: ${figures(row)}`
  },
  /** Of a name to which bytes went as well, too. */
  ofName: (row: LookedUp): string =>
    `Its name was looked up: ${figures(row)}${row.answered ? `, ${row.answered.toLocaleString('en')} answered` : ''} in the resolver's log.${
      row.blocked ? ' A blocked look-up gives no address: nothing was sent by it.' : ''
    }`,
  /** Behind "Nothing went to Samsung today." */
  ofCompany: (row: LookedUp): string => `Its names were looked up: ${figures(row)}.`,
}
