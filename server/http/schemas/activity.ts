// Schemas of events and alerts.
import { Type } from 'typebox'
import * as api from '../../api.ts'
import {
  describes,
  flag,
  NameSource,
  number,
  numberOrNull,
  numbers,
  numbersOrNulls,
  oneOf,
  text,
  textOrNull,
  texts,
  traffic,
} from './fields.ts'
import { company, Likely } from './traffic.ts'

const eventRow = Type.Object({
  ...traffic,
  id: text,
  at: number,
  device: text,
  kind: text,
  company: Type.Object(company),
  host: textOrNull,
  purpose: text,
  seconds: number,
  confidence: number,
  message: text,
  reasons: texts,
  count: Type.Optional(number),
  until: Type.Optional(number),
})

export const EventRows = describes<api.EventRow[]>()(Type.Array(eventRow))

export const EventPage = describes<api.EventPage>()(
  Type.Object({
    events: Type.Array(eventRow),
    total: number,
    next: textOrNull,
    keptFrom: Type.Object({ long: numberOrNull, brief: numberOrNull }),
    isCut: flag,
  }),
)

export const EventCounts = describes<api.EventCounts>()(
  Type.Object({
    countedFrom: numberOrNull,
    days: Type.Array(Type.Object({ day: number, date: text, from: number, to: number, captured: number })),
    counts: Type.Array(
      Type.Object({
        ...traffic,
        day: number,
        device: text,
        company: Type.Object(company),
        kind: text,
        sure: number,
        possible: number,
        seconds: number,
      }),
    ),
  }),
)

const AlertState = oneOf(api.ALERT_STATES)

export const AlertRow = describes<api.AlertRow>()(
  Type.Object({
    ...traffic,
    id: text,
    kind: text,
    device: textOrNull,
    company: Type.Union([Type.Object(company), Type.Null()]),
    from: number,
    to: number,
    seen: number,
    usual: numberOrNull,
    unit: oneOf(['bytes', 'requests', 'lookups', 'seconds', 'devices', 'events', 'addresses']),
    sure: number,
    learning: flag,
    detail: textOrNull,
    times: number,
    state: AlertState,
    bytes: number,
    peak: number,
    isOver: flag,
    destinations: Type.Array(
      Type.Object(
        {
          company: Type.Union([Type.Object(company), Type.Null()]),
          host: textOrNull,
          address: textOrNull,
          bytes: number,
        },
        { additionalProperties: false },
      ),
    ),
    reason: Type.Union([Type.Null(), oneOf(['ceiling', 'nameless', 'new', 'known'])]),
    rank: number,
    covers: textOrNull,
    muted: flag,
    title: text,
    message: text,
    advice: texts,
  }),
)

export const AlertRows = Type.Array(AlertRow)

const alertSeries = Type.Object({
  from: number,
  step: number,
  sent: numbersOrNulls,
  received: numbersOrNulls,
  usual: Type.Union([Type.Object({ from: number, step: number, low: numbers, high: numbers }), Type.Null()]),
})

const alertHost = Type.Object({
  ...traffic,
  host: textOrNull,
  address: textOrNull,
  country: textOrNull,
  network: textOrNull,
  namedBy: NameSource,
  likely: Type.Optional(Likely),
})

const alertAnswers = Type.Object({
  triggered: Type.Union([Type.Object({ people: texts, local: number }), Type.Null()]),
  makers: oneOf(['yes', 'no', 'cloud', 'unknown']),
  vendor: textOrNull,
  countries: texts,
  hosts: Type.Array(alertHost),
})

export const AlertPage = describes<api.AlertPage>()(
  Type.Object({
    alert: AlertRow,
    series: alertSeries,
    answers: alertAnswers,
    around: Type.Array(eventRow),
    alsoThen: Type.Array(AlertRow),
  }),
)

export const AlertDecision = describes<api.AlertDecision>()(
  Type.Object({ decision: oneOf(api.ALERT_DECISIONS) }, { additionalProperties: false }),
)

export const AlertMute = describes<api.AlertMute>()(Type.Object({ on: flag }, { additionalProperties: false }))
