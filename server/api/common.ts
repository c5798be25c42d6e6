// The types that several resources share: roles, levels of privacy, scopes, name sources, companies, errors.

export type Role = 'viewer' | 'admin'

/** How much is kept of a device: every endpoint, its companies only, its totals only, or its packets are not parsed. */
export const LEVELS = ['everything', 'companies', 'totals', 'paused'] as const
export type Level = (typeof LEVELS)[number]

/** The traffic history a request is about: the home as it is now, or a replayed recording, by its id. */
export const LIVE_SCOPE = 'live'
export type ScopeId = string

/**
 * Best first; see README, "How a connection gets its name". "kept-back" is what a device's level does not keep; "other"
 * what was folded to save room.
 */
export const NAME_SOURCES = [
  'tls',
  'quic',
  'http',
  'dns',
  'certificate',
  'dns-other',
  'remembered',
  'range',
  'network',
  'none',
  'kept-back',
  'other',
] as const
export type NameSource = (typeof NAME_SOURCES)[number]

/** A company's slug in rules/companies; null where nobody knows; OTHER_COMPANY where it was folded to save room. */
export const OTHER_COMPANY = '*other'

/** What a device with level "totals" sends to is not kept. */
export const KEPT_BACK_COMPANY = '*kept-back'
export type CompanySlug = string | null

/**
 * Errors of every route: `{ "error": ApiError }`. `message` is one English sentence; `code` is stable, for the page's
 * own words.
 */
export interface ApiError {
  code: string
  message: string
}
