// Schemas of dry runs.
import { Type } from 'typebox'
import type * as api from '../../api.ts'
import { ApiError, describes, number, numberOrNull, oneOf, text, textOrNull, traffic } from './fields.ts'

export const DryRunRequest = describes<api.DryRunRequest>()(
  Type.Object(
    {
      scope: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: '"live", or the id of a recording' }),
      alerts: Type.Record(Type.String(), Type.Unknown()),
    },
    { additionalProperties: false },
  ),
)

const triedAlert = Type.Object({
  ...traffic,
  change: oneOf(['new', 'same', 'gone']),
  kind: text,
  title: text,
  from: number,
  to: number,
  device: textOrNull,
  message: text,
})

const dryRunReach = Type.Object({
  kind: text,
  title: text,
  grain: Type.Unsafe<api.DryRunReach['grain']>({
    type: ['string', 'null'],
    enum: ['second', 'event', 'minute', 'hour', null],
  }),
  from: numberOrNull,
})

const dryRunResult = Type.Object({
  from: number,
  to: number,
  today: number,
  tried: number,
  alerts: Type.Array(triedAlert),
  more: number,
  reach: Type.Array(dryRunReach),
})

export const DryRun = describes<api.DryRun>()(
  Type.Object({
    id: text,
    scope: text,
    state: oneOf(['running', 'done', 'failed']),
    progress: number,
    result: Type.Union([dryRunResult, Type.Null()]),
    error: Type.Union([ApiError, Type.Null()]),
  }),
)
