// Persons and rooms of the fake home, and what advertising and tracking got of their devices.
import type { Device, Person, TrackedPerson } from '../../server/api.ts'
import { ServiceError } from '../../server/model/service-error.ts'
import type { Service } from '../../server/http/service.ts'

type Undoable = (change: () => void) => { undo: string }

export interface FakePeople extends Pick<Service, 'people' | 'addPerson' | 'changePerson' | 'removePerson'> {
  /** By the device's id. */
  owners: Map<string, string>
  personOf(device: string): Person | null
  tracked(devices: readonly Device[]): TrackedPerson[]
}

export function fakePeople(undoable: Undoable): FakePeople {
  let people: Person[] = []
  const owners = new Map<string, string>()
  const find = (id: string): Person => {
    const person = people.find((one) => one.id === id)
    if (person === undefined) throw new ServiceError(404, 'no-such-person', 'There is no such person or room.')
    return person
  }
  const replace = (next: Person[]): (() => void) => {
    const before = people
    people = next
    return () => void (people = before)
  }
  return {
    owners,
    personOf: (device) => people.find(({ id }) => id === owners.get(device)) ?? null,
    people: () => people,
    addPerson: async (wanted) => {
      const person = { id: String(people.length + 1).padStart(8, '0'), ...wanted }
      return { person, ...undoable(replace([...people, person])) }
    },
    changePerson: async (id, change) => {
      const next = { ...find(id), ...change }
      return undoable(replace(people.map((one) => (one.id === id ? next : one))))
    },
    removePerson: async (id) => {
      find(id)
      return undoable(replace(people.filter((one) => one.id !== id)))
    },
    tracked: (devices) =>
      [...people, null].flatMap((person) => {
        const own = devices.filter(({ id }) => (owners.get(id) ?? null) === (person?.id ?? null)).map(({ id }) => id)
        const companies = [{ slug: 'google-ads', name: 'Google Ads' }]
        return own.length === 0
          ? []
          : [{ person, devices: own, companies, sent: 48_000, received: 15_000, lookups: 12, blocked: 3 }]
      }),
  }
}
