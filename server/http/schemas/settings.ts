// Schemas of settings, channels, interfaces and words.
import { Type } from 'typebox'
import type * as api from '../../api.ts'
import { anything, describes, flag, number, text, textOrNull, texts } from './fields.ts'

export const InterfaceChoices = describes<api.InterfaceChoice[]>()(
  Type.Array(Type.Object({ name: text, addresses: texts, sees: text })),
)

const values = Type.Unsafe<Record<string, Record<string, unknown>>>({
  type: 'object',
  additionalProperties: { type: 'object', additionalProperties: true },
})

export const SettingsValues = values

export const SettingsPage = describes<api.SettingsPage>()(
  Type.Object({
    schema: anything,
    values,
    channels: Type.Optional(Type.Record(Type.String(), Type.Object({ waiting: number, problem: textOrNull }))),
  }),
)

const words = Type.Unsafe<Record<string, { title: string; words: string }>>({
  type: 'object',
  additionalProperties: { type: 'object', properties: { title: { type: 'string' }, words: { type: 'string' } } },
})

export const RuleWords = describes<api.RuleWords>()(
  Type.Object({ purposes: words, kinds: words, labels: words, networksDate: text }),
)

export const ChannelTest = describes<api.ChannelTest>()(Type.Object({ delivered: flag, reason: textOrNull }))
