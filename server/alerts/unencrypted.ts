// Does a device send something that anybody on the way can read?
import type { NameSource } from '../api.ts'
import type { Label } from '../rules/types.ts'
import type { Finding } from './alert.ts'

/** A request for a page or a connection check is small; what is told here is worth reading to somebody. */
const ENOUGH_BYTES = 20_000
const MAX_TOLD = 64

export interface UnencryptedMemory {
  known: string[]
  /** Bytes sent so far to companies not told of yet. */
  sent: Record<string, number>
}

export function newUnencryptedMemory(): UnencryptedMemory {
  return { known: [], sent: {} }
}

export interface UnencryptedSample {
  second: number
  company: string | null
  host: string | null
  purpose: string
  namedBy: NameSource
  labels: readonly Label[]
  sent: number
  received: number
  learning: boolean
}

/** The sample is traffic with one endpoint; a name read from an HTTP request means that all of it could be read. */
export function unencrypted(memory: UnencryptedMemory, sample: UnencryptedSample): Omit<Finding, 'device'> | null {
  const isLogin = sample.labels.includes('unencrypted-login')
  if (!isLogin && (sample.namedBy !== 'http' || sample.purpose === 'connectivity')) return null
  const who = sample.company ?? sample.host ?? ''
  if (memory.known.includes(who) || memory.known.length >= MAX_TOLD) return null
  const sent = (memory.sent[who] ?? 0) + sample.sent
  memory.sent[who] = sent
  if (!isLogin && sent < ENOUGH_BYTES) return null
  memory.known.push(who)
  delete memory.sent[who]
  return {
    kind: 'unencrypted',
    company: sample.company,
    from: sample.second,
    to: sample.second,
    seen: sent,
    usual: 0,
    unit: 'bytes',
    sent,
    received: sample.received,
    sure: isLogin ? 0.9 : 0.8,
    learning: sample.learning,
    detail: isLogin ? 'login' : sample.host,
  }
}
