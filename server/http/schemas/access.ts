// Schemas of the session, the access log and what is recorded.
import { Type } from 'typebox'
import type * as api from '../../api.ts'
import { describes, flag, Level, number, oneOf, RoleOrNull, text, textOrNull } from './fields.ts'

export const SessionFacts = describes<api.SessionFacts>()(
  Type.Object({ claimed: flag, role: RoleOrNull, csrf: textOrNull, version: text, lan: flag, hasViewer: flag }),
)

export const AccessLog = describes<api.AccessEntry[]>()(
  Type.Array(
    Type.Object({
      at: number,
      what: oneOf([
        'claimed',
        'login',
        'login-failed',
        'logout',
        'password-changed',
        'forgot-device',
        'settings',
        'replay',
      ]),
      role: RoleOrNull,
    }),
  ),
)

export const Recorded = describes<api.Recorded>()(
  Type.Object({
    payload: Type.Literal(false),
    leavesTheHouse: Type.Literal(false),
    levels: Type.Array(Level),
    newDevices: Level,
    minuteHours: number,
    hourDays: number,
    dayDays: number,
    saveEverySeconds: number,
  }),
)

export const Password = Type.String({ maxLength: 1024 })
