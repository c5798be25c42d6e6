// Schemas of devices and of changes to them.
import { Type } from 'typebox'
import * as api from '../../api.ts'
import { DeviceId } from '../route.ts'
import { describes, flag, Level, number, oneOf, text, textOrNull, texts } from './fields.ts'

const Role = oneOf(api.PERSON_ROLES)
const person = { id: text, name: text, role: Role }
const PersonName = Type.String({ minLength: 1, maxLength: 100 })

export const PersonId = Type.String({ pattern: '^[0-9a-f]{8}$' })
export const People = describes<api.Person[]>()(Type.Array(Type.Object(person)))
export const NewPerson = describes<api.NewPerson>()(
  Type.Object({ name: PersonName, role: Role }, { additionalProperties: false }),
)
export const PersonChange = describes<api.PersonChange>()(
  Type.Object(
    { name: Type.Optional(PersonName), role: Type.Optional(Role) },
    { additionalProperties: false, minProperties: 1 },
  ),
)
export const PersonAdded = describes<api.PersonAdded>()(Type.Object({ person: Type.Object(person), undo: text }))
export const TrackedPeople = describes<api.TrackedPerson[]>()(
  Type.Array(
    Type.Object({
      person: Type.Union([Type.Object(person), Type.Null()]),
      devices: texts,
      companies: Type.Array(Type.Object({ slug: text, name: text })),
      sent: number,
      received: number,
      lookups: number,
      blocked: number,
    }),
  ),
)

export const device = {
  id: text,
  index: number,
  name: textOrNull,
  namedByOwner: flag,
  kind: text,
  kindByOwner: flag,
  guesses: Type.Optional(texts),
  vendor: textOrNull,
  why: texts,
  confidence: number,
  doubts: Type.Optional(texts),
  mac: textOrNull,
  privateMac: flag,
  addresses: texts,
  level: Level,
  person: Type.Optional(Type.Object(person)),
  merged: texts,
  firstSeen: number,
  lastSeen: number,
  isNew: flag,
}

export const Devices = describes<api.Device[]>()(Type.Array(Type.Object(device)))

export const DeviceChange = describes<api.DeviceChange>()(
  Type.Object(
    {
      name: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()])),
      kind: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 40 }), Type.Null()])),
      level: Type.Optional(Level),
      person: Type.Optional(Type.Union([PersonId, Type.Null()])),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
)

export const Undo = describes<api.Undo>()(Type.Object({ undo: text }))

const merge = {
  devices: Type.Array(DeviceId, { minItems: 1, maxItems: 64 }),
  into: DeviceId,
}

export const Merge = describes<api.Merge>()(Type.Object(merge, { additionalProperties: false }))

export const MergeOffers = describes<api.MergeOffer[]>()(Type.Array(Type.Object({ name: text, ...merge })))

export const Receipt = describes<api.Receipt>()(
  Type.Object({ id: text, at: number, rows: number, files: number, ignored: flag, devices: Type.Optional(number) }),
)

export const SeenOnce = describes<api.SeenOnce>()(Type.Object({ count: number, examples: texts, until: number }))
