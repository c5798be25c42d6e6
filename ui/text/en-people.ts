// English words of the persons and rooms that devices belong to. Loaded where they are shown.
import { bytes, number } from './format.ts'

export const people = {
  title: 'People and rooms',
  lead: 'Say whose a device is, to see what advertising and tracking get of each person, and to be told of a child’s devices.',
  whose: 'Whose is it?',
  whoseOf: (name: string): string => `Whose is ${name}?`,
  nobody: 'Nobody’s in particular',
  another: 'Somebody else…',
  name: 'Name',
  role: 'Who or what',
  roles: { adult: 'Adult', child: 'Child', guest: 'Guest', room: 'Room' },
  add: 'Add a person or room',
  change: 'Change',
  changeOf: (name: string): string => `Change ${name}`,
  remove: 'Remove',
  removed: 'Removed. Its devices are nobody’s.',
  added: 'Added.',
  changed: 'Changed.',
  owned: 'Changed whose it is.',
  later: 'Not now',
  prompt: (name: string): string => `${name} is new here.`,
  more: (count: number): string => (count === 1 ? 'And one more.' : `And ${number(count)} more.`),
  devices: (count: number): string => (count === 1 ? '1 device' : `${number(count)} devices`),
  none: 'No device yet.',
  unowned: 'Nobody’s devices',
  tracked: (companies: number, moved: number, when: string): string =>
    companies === 0
      ? `No advertising or tracking company seen ${when}.`
      : `${companies === 1 ? '1 advertising or tracking company' : `${number(companies)} advertising or tracking companies`} ${when}, ${bytes(moved)}.`,
  lookups: (lookups: number, blocked: number): string =>
    `${lookups === 1 ? '1 look-up' : `${number(lookups)} look-ups`}${blocked === 0 ? '' : `, ${number(blocked)} blocked`}.`,
}
