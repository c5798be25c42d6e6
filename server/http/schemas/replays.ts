// Schemas of replays.
import { Type } from 'typebox'
import type * as api from '../../api.ts'
import { ApiError, closed, describes, flag, number, numberOrNull, oneOf, text, texts } from './fields.ts'

const speed = Type.Union([Type.Literal(1), Type.Literal(10), Type.Literal(100), Type.Literal('max')])

export const Replay = describes<api.Replay>()(
  Type.Object({
    id: text,
    name: text,
    state: oneOf(['uploading', 'inspecting', 'ready', 'playing', 'paused', 'ended', 'failed', 'cancelled']),
    format: Type.Unsafe<'pcap' | 'pcapng' | null>({ type: ['string', 'null'], enum: ['pcap', 'pcapng', null] }),
    log: Type.Optional(text),
    lookupsOnly: Type.Optional(flag),
    linkTypes: texts,
    bytesTotal: number,
    bytesRead: number,
    packetsTotal: numberOrNull,
    packets: number,
    packetsPerSecond: number,
    secondsLeft: numberOrNull,
    first: numberOrNull,
    last: numberOrNull,
    position: numberOrNull,
    speed,
    skipQuiet: flag,
    revision: number,
    stretches: Type.Optional(Type.Array(Type.Object({ from: number, to: number }))),
    problems: Type.Array(Type.Object({ packet: number, offset: number, message: text })),
    notices: Type.Optional(Type.Array(text)),
    error: Type.Union([ApiError, Type.Null()]),
  }),
)

export const Replays = Type.Array(Replay)

export const ReplayControl = describes<api.ReplayControl>()(
  Type.Union([
    Type.Object({ action: oneOf(['play', 'pause', 'cancel']) }, closed),
    Type.Object({ action: Type.Literal('speed'), speed }, closed),
    Type.Object({ action: Type.Literal('seek'), to: number }, closed),
    Type.Object({ action: Type.Literal('skip-quiet'), on: flag }, closed),
  ]),
)
