// Does a device talk to a company that it never talked to before?
import { GENERAL_PURPOSE, type Finding } from './alert.ts'
import type { AlertSettings } from './settings.ts'

/** Whose names every device uses, whoever made it: a new one of them says nothing about the device. */
const INFRASTRUCTURE: readonly string[] = ['time', 'dns', 'connectivity', 'cdn', 'update', 'security']
/** A look and a goodbye are no conversation. */
const ENOUGH_BYTES = 1_000
/** Companies remembered per device. */
export const MAX_COMPANIES = 256

export interface CompanyMemory {
  /** When the device was first seen. */
  first: number
  /** Families of companies that it knows. */
  known: string[]
  /** Bytes sent to families that it does not know yet, as far as they count. */
  meeting: Record<string, number>
}

export function newCompanyMemory(first: number): CompanyMemory {
  return { first, known: [], meeting: {} }
}

export interface MetCompany {
  /** The company at the top: Amazon for Ring. */
  family: string
  company: string
  purpose: string
}

export interface CompanySample {
  second: number
  kind: string
  sent: number
  received: number
}

/** The sample is what was sent to the company in one second. */
export function newCompany(
  memory: CompanyMemory,
  { family, company, purpose }: MetCompany,
  sample: CompanySample,
  settings: AlertSettings,
): Omit<Finding, 'device'> | null {
  if (memory.known.includes(family) || memory.known.length >= MAX_COMPANIES || INFRASTRUCTURE.includes(purpose))
    return null
  const { second, sent, received } = sample
  const isLearned = second - memory.first >= settings.learningDays * 86_400
  const met = (memory.meeting[family] ?? 0) + sent
  if (isLearned && met < ENOUGH_BYTES) {
    memory.meeting[family] = met
    return null
  }
  memory.known.push(family)
  delete memory.meeting[family]
  if (!isLearned || GENERAL_PURPOSE.includes(sample.kind)) return null
  return {
    kind: 'new-company',
    company,
    from: second,
    to: second,
    seen: met,
    usual: 0,
    unit: 'bytes',
    sent: met,
    received,
    sure: 0.85,
    learning: false,
    detail: purpose,
  }
}
