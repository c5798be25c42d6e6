// Schemas of a scope's status.
import { Type } from 'typebox'
import { SOURCE_KINDS } from '../../../capture/sources/sources.ts'
import type * as api from '../../api.ts'
import { counts, describes, flag, number, numberOrNull, oneOf, text, textOrNull } from './fields.ts'

const sourceStatus = Type.Object({
  id: text,
  kind: oneOf(['sample', 'file', ...SOURCE_KINDS]),
  title: text,
  state: oneOf(['starting', 'running', 'quiet', 'failed', 'ended', 'off']),
  packets: number,
  packetsPerSecond: number,
  dropped: number,
  lastPacket: numberOrNull,
  problem: textOrNull,
  note: Type.Optional(text),
  onlyOwnTraffic: Type.Optional(flag),
  countsLookups: Type.Optional(flag),
})

const health = Type.Object({
  packets: number,
  dropped: number,
  paused: number,
  copied: number,
  damaged: counts,
  limits: counts,
  memoryBytes: number,
  databaseBytes: number,
  writtenBytes: number,
  cpuSeconds: number,
  startedAt: number,
})

export const TrafficStatus = describes<api.TrafficStatus>()(
  Type.Object({
    scope: text,
    sources: Type.Array(sourceStatus),
    now: number,
    first: numberOrNull,
    last: numberOrNull,
    timeZone: text,
    learningUntil: numberOrNull,
    sample: flag,
    lookupsOnly: Type.Optional(flag),
    flood: Type.Optional(Type.Object({ since: number, devices: number, sentence: text })),
    problems: Type.Optional(Type.Array(text)),
    unconfirmed: Type.Optional(flag),
    clockProblem: Type.Optional(text),
    health,
  }),
)
