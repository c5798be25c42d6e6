// Schemas of devices and of changes to them.
import { Type } from 'typebox'
import type * as api from '../../api.ts'
import { DeviceId } from '../route.ts'
import { describes, flag, Level, number, text, textOrNull, texts } from './fields.ts'

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
