// Alert: a device uses the address of another, or speaks in its name.
import * as Type from 'typebox'
import type { ConflictWord } from '../../model/conflict.ts'
import { yesNo } from '../../model/setting-fields.ts'
import { type ConflictSample, defineDetector } from '../detector.ts'
import type { Found } from '../found.ts'

/** How surely it is no ordinary thing: one address may go from cable to Wi-Fi, or from one device to the next. */
const SURE: Record<ConflictWord, number> = {
  'changed-address': 0.5,
  'reused-address': 0.5,
  'flip-flop': 0.85,
  'unasked-answer': 0.8,
  'foreign-dhcp': 0.8,
  'foreign-name': 0.7,
}

/** The engine itself knows which conflicts there are: nothing else is to be remembered. */
const schema = Type.Object({})

function detect(_memory: object, { second, conflict: { kind, address, device, other } }: ConflictSample): Found {
  return {
    from: second,
    to: second,
    // That two devices use the address tells more than that it changed.
    seen: kind === 'flip-flop' ? 2 : 1,
    usual: 0,
    unit: 'devices',
    sent: 0,
    received: 0,
    sure: SURE[kind],
    learning: false,
    detail: [kind, address ?? '-', other === device ? 'itself' : (other ?? '-')].join(' '),
  }
}

function sentence(detail: string | null, who: string): string {
  const [kind, address, by = '-'] = (detail ?? '').split(' ')
  const other = by === '-' ? 'Another device' : by
  switch (kind as ConflictWord) {
    case 'changed-address':
      return `${other} uses the address ${address} that ${who} had, and no DHCP message gave it that address`
    case 'reused-address':
      return `${other} and ${who} used the address ${address} in turn`
    case 'unasked-answer':
      if (by === 'itself') return `${who} sent a DNS answer to itself`
      return `${other} sent ${who} a DNS answer that it had not asked for`
    case 'foreign-dhcp':
      return `${other} sent DHCP messages in the name of ${who}`
    case 'foreign-name':
      return `${other} announced a name for the address ${address} of ${who}`
    default:
      return `${other} uses the address ${address} at the same time as ${who}`
  }
}

export const addressConflict = defineDetector({
  kind: 'address-conflict',
  settings: {
    on: 'addressConflict',
    fields: {
      addressConflict: yesNo(
        'Address conflicts',
        'A device uses the address of another, or answers or speaks in its name.',
        true,
      ),
    },
    read: () => ({}),
  },
  memory: { scope: 'home', key: 'address-conflict', schema, fresh: () => ({}) },
  streams: { conflicts: detect },
  words: {
    en: {
      title: 'Address conflict',
      sentence: ({ detail }, who) => sentence(detail, who),
      advice: [
        'Traffic is counted by the hardware address that sent it, so the totals hold; find out which device has the other one.',
        'Two devices may be set to one address by mistake, or a device may have changed from cable to Wi-Fi.',
        'If nobody knows the other device, it may be reading along: take it off the network.',
      ],
    },
  },
  dryRun: null,
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
