// Persons and rooms that devices belong to, by the owner's word, with merged devices under one.
import type { Person } from '../api.ts'
import type { OwnerChoices } from './owner-choices.ts'

/** The device that an id was merged into; a circle ends where it began. */
export function rootIn(merges: OwnerChoices['merges'], id: string): string {
  let root = id
  for (const passed = new Set([id]); Object.hasOwn(merges, root); passed.add(root)) {
    const next = merges[root]
    if (passed.has(next)) break
    root = next
  }
  return root
}

/** Whose the device is: as said of it, else of what was merged into it. Null where nobody said, or none is left. */
export function personOf(
  { devices, people }: Pick<OwnerChoices, 'devices' | 'people'>,
  root: string,
  members: readonly string[],
): Person | null {
  if (people === undefined) return null
  for (const id of [root, ...members]) {
    const person = Object.hasOwn(devices, id) ? devices[id]?.person : undefined
    if (person !== undefined && Object.hasOwn(people, person)) return { id: person, ...people[person] }
  }
  return null
}

/** Ids of the devices that belong to children, with all that were merged into them. */
export function childrensDevices(choices: OwnerChoices, membersOf: (id: string) => string[]): string[] {
  const { devices, merges, people } = choices
  if (!Object.values(people ?? {}).some(({ role }) => role === 'child')) return []
  const roots = new Set(Object.keys(devices).map((id) => rootIn(merges, id)))
  return [...roots].flatMap((root) => {
    const members = membersOf(root)
    return personOf(choices, root, members)?.role === 'child' ? members : []
  })
}
