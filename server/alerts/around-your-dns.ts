// Does a device ask others than the home's own resolver for names?
import type { Label } from '../rules/types.ts'
import type { Finding } from './alert.ts'

const MAX_TOLD = 64

export interface DnsMemory {
  /** Companies that the device asked, and was told of or known for. */
  known: string[]
}

export function newDnsMemory(): DnsMemory {
  return { known: [] }
}

export interface DnsSample {
  second: number
  company: string | null
  host: string | null
  address: string | null
  purpose: string
  labels: readonly Label[]
  sent: number
  received: number
  learning: boolean
}

/** The sample is traffic with an endpoint on the internet: any that answers names is not the home's. */
export function aroundYourDns(memory: DnsMemory, sample: DnsSample): Omit<Finding, 'device'> | null {
  const isHidden = sample.labels.includes('hidden-dns')
  if (!isHidden && sample.purpose !== 'dns') return null
  const who = sample.company ?? sample.host ?? sample.address ?? ''
  if (memory.known.includes(who) || memory.known.length >= MAX_TOLD) return null
  memory.known.push(who)
  return {
    kind: 'around-your-dns',
    company: sample.company,
    from: sample.second,
    to: sample.second,
    seen: sample.sent,
    usual: 0,
    unit: 'bytes',
    sent: sample.sent,
    received: sample.received,
    sure: isHidden ? 0.9 : 0.75,
    learning: sample.learning,
    detail: isHidden ? 'hidden' : 'open',
  }
}
