// The words of what is doubtful about a device.
import type { ConflictFacts } from '../model/conflict.ts'

type Conflict = Pick<ConflictFacts, 'kind' | 'address' | 'device' | 'other' | 'name'>

/** One sentence without its full stop, for the page of the device `self`, one of the two parties. */
export function doubtSentence({ kind, address, device, other, name }: Conflict, self: string): string {
  const who = other ?? 'somebody'
  const named = name === null ? '' : ` (name: ${name})`
  const isOther = self === other && self !== device
  switch (kind) {
    case 'changed-address':
      return isOther
        ? `It uses ${address}, which ${device} used before, and no DHCP message gave it that address`
        : `${who} uses its address ${address} now, and no DHCP message gave it that address`
    case 'reused-address':
      return isOther
        ? `It and ${device} used ${address} in turn; each packet counts for the one whose hardware address it carries`
        : `It and ${who} used ${address} in turn; each packet counts for the one whose hardware address it carries`
    case 'flip-flop':
      return isOther
        ? `It uses ${address} at the same time as ${device}; packets with its own hardware address count as its own`
        : `${who} uses its address ${address} at the same time; packets with that hardware address do not count here`
    case 'unasked-answer':
      if (other === device) return `It sent a DNS answer to itself${named}; it names nothing`
      return isOther
        ? `It sent ${device} a DNS answer that was not asked for${named}; it names nothing`
        : `A DNS answer came${other === null ? '' : ` from ${other}`} that it had not asked for${named}; it names nothing`
    case 'foreign-dhcp':
      return isOther
        ? `It sent a DHCP message in the name of ${device}${named}; it does not count`
        : `${who} sent a DHCP message in its name${named}; it does not count`
    case 'foreign-name':
      return isOther
        ? `It announced the address ${address} of ${device}${named}; it does not count`
        : `${who} announced its address ${address}${named}; it does not count`
  }
}
