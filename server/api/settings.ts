// Settings, notification channels, capture interfaces, and the titles of the rules.

/**
 * GET /api/settings: `schema` is JSON Schema (title, description, default, enum, minimum, maximum per field), grouped
 * by section.
 */
export interface SettingsPage {
  schema: Record<string, unknown>
  values: Record<string, Record<string, unknown>>
  /** State of each channel that is on, by section. */
  channels?: Record<string, ChannelFacts>
}

export interface ChannelFacts {
  /** Notifications that wait for delivery. */
  waiting: number
  /** One sentence about the last attempt where it failed; null where all is well. */
  problem: string | null
}

/** POST /api/channels/:name/test: the result. */
export interface ChannelTest {
  delivered: boolean
  /** One sentence where it was not. */
  reason: string | null
}

/** GET /api/words: titles and plain words of purposes, kinds and labels, by slug, in English. */
export interface RuleWords {
  purposes: Record<string, { title: string; words: string }>
  kinds: Record<string, { title: string; words: string }>
  labels: Record<string, { title: string; words: string }>
  networksDate: string
}

/** GET /api/interfaces: where this machine could capture, what sees most first. */
export interface InterfaceChoice {
  name: string
  addresses: string[]
  /** One English sentence: what capturing there shows. */
  sees: string
}
