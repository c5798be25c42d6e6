// Which devices the owner is asked about: those of unknown kind, unless the owner said that nobody knows.
import type { Device, RuleWords } from '../../server/api.ts'

const KEY = 'telltale-unasked'
const UNKNOWN = 'unknown'
/** Dismissed devices remembered by this browser; the oldest give way. */
const MAX_DISMISSED = 500
const MAX_GUESSES = 3

function remembered(key: string): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string').slice(-MAX_DISMISSED) : []
  } catch {
    return []
  }
}

/** Devices that this browser asks no more about. */
export class Unasked {
  readonly #key: string
  #dismissed = $state.raw<string[]>([])

  constructor(key: string) {
    this.#key = key
    this.#dismissed = remembered(key)
  }

  isDismissed(id: string): boolean {
    return this.#dismissed.includes(id)
  }

  dismiss(id: string): void {
    this.#keep([...this.#dismissed.filter((other) => other !== id), id].slice(-MAX_DISMISSED))
  }

  /** Of a forgotten device nothing stays here either. */
  forget(id: string): void {
    if (this.#dismissed.includes(id)) this.#keep(this.#dismissed.filter((other) => other !== id))
  }

  #keep(dismissed: string[]): void {
    this.#dismissed = dismissed
    if (dismissed.length === 0) localStorage.removeItem(this.#key)
    else localStorage.setItem(this.#key, JSON.stringify(dismissed))
  }
}

class KindAsks extends Unasked {
  asksAbout({ id, kind, kindByOwner }: Pick<Device, 'id' | 'kind' | 'kindByOwner'>): boolean {
    return kind === UNKNOWN && !kindByOwner && !this.isDismissed(id)
  }
}

export const kindAsks = new KindAsks(KEY)

export interface KindChoice {
  kind: string
  title: string
}

/** The kinds to choose from: the best guesses in their order, all others by their names. */
export function kindChoices(
  guesses: readonly string[],
  { kinds }: Pick<RuleWords, 'kinds'>,
): { guessed: KindChoice[]; others: KindChoice[] } {
  const all = Object.entries(kinds)
    .filter(([kind]) => kind !== UNKNOWN)
    .map(([kind, { title }]) => ({ kind, title }))
  const guessed = [...new Set(guesses)]
    .flatMap((guess) => all.find(({ kind }) => kind === guess) ?? [])
    .slice(0, MAX_GUESSES)
  const others = all.filter((choice) => !guessed.includes(choice)).toSorted((a, b) => a.title.localeCompare(b.title))
  return { guessed, others }
}
