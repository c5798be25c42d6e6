// Persons and rooms in the owner's decisions: reading what is stored, making, renaming and removing.
import { randomBytes } from 'node:crypto'
import { type NewPerson, type Person, type PersonChange, PERSON_ROLES } from '../api.ts'
import { cleanText } from '../identity/device-name.ts'
import { isRecord } from '../model/record.ts'
import { ServiceError } from '../model/service-error.ts'
import type { OwnerChoices } from '../session/owner-choices.ts'

type People = NonNullable<OwnerChoices['people']>

export const MAX_PEOPLE = 64
const LONGEST_NAME = 60
const PERSON_ID = /^[0-9a-f]{8}$/

/** What a stored file says of people; what of it is wrong is left out. Undefined where it says nothing. */
export function readPeople(stored: unknown): People | undefined {
  if (!isRecord(stored)) return undefined
  const people: People = {}
  for (const [id, person] of Object.entries(stored).slice(0, MAX_PEOPLE)) {
    if (!PERSON_ID.test(id) || !isRecord(person)) continue
    const name = typeof person['name'] === 'string' ? nameOf(person['name']) : ''
    const role = PERSON_ROLES.find((known) => known === person['role'])
    if (name !== '' && role !== undefined) people[id] = { name, role }
  }
  return people
}

export function listPeople({ people = {} }: Pick<OwnerChoices, 'people'>): Person[] {
  return Object.entries(people).map(([id, person]) => ({ id, ...person }))
}

/** Adds the person under a new id, which it returns. */
export function addPerson(data: OwnerChoices, { name, role }: NewPerson): string {
  const people = (data.people ??= {})
  if (Object.keys(people).length >= MAX_PEOPLE)
    throw new ServiceError(409, 'too-many-people', `${MAX_PEOPLE} persons and rooms are kept; no more can be added`)
  const clean = freeName(people, name, null)
  let id = newId()
  while (Object.hasOwn(people, id)) id = newId()
  people[id] = { name: clean, role }
  return id
}

/** Returns what the person was. */
export function changePerson(data: OwnerChoices, id: string, { name, role }: PersonChange): People[string] {
  const people = requirePerson(data, id)
  const before = people[id]
  people[id] = {
    name: name === undefined ? before.name : freeName(people, name, id),
    role: role ?? before.role,
  }
  return before
}

/** Their devices belong to nobody then. Returns what takes it back. */
export function removePerson(data: OwnerChoices, id: string): (data: OwnerChoices) => void {
  const people = requirePerson(data, id)
  const before = people[id]
  delete people[id]
  const owned = Object.entries(data.devices).flatMap(([device, words]) => (words.person === id ? [device] : []))
  for (const device of owned) delete data.devices[device].person
  return (later) => {
    ;(later.people ??= {})[id] = before
    for (const device of owned) if (Object.hasOwn(later.devices, device)) later.devices[device].person ??= id
  }
}

/** The people, if this is one of them. */
export function requirePerson({ people = {} }: { people?: People | undefined }, id: string): People {
  if (!Object.hasOwn(people, id))
    throw new ServiceError(404, 'no-such-person', 'There is no such person or room; it may have been removed')
  return people
}

function freeName(people: People, wanted: string, own: string | null): string {
  const name = nameOf(wanted)
  if (name === '') throw new ServiceError(400, 'no-name', 'A person or room needs a name with at least one letter')
  if (Object.entries(people).some(([id, person]) => id !== own && person.name === name))
    throw new ServiceError(409, 'same-name', `There is a person or room "${name}" already`)
  return name
}

function nameOf(text: string): string {
  return cleanText(text).slice(0, LONGEST_NAME).trim()
}

function newId(): string {
  return randomBytes(4).toString('hex')
}
