// Companies by the name that their network is registered under.
import type { Rules } from '../rulebook/open.ts'

/** Words of a registered name that are no part of what people call a company. */
const LEGAL_WORDS = new Set(
  (
    'inc incorporated llc ltd limited corp corporation co company gmbh ag kg se sa sas sarl spa srl bv nv ab as oy plc ' +
    'pty pte group holding holdings international systems technologies technology networks network online services the and'
  ).split(' '),
)
/** Shorter names mean too much. */
const LEAST_LETTERS = 4

const namesByRules = new WeakMap<Rules, Map<string, string | null>>()

/** The company whose own name the owner's is; null where there is none, or several. */
export function companyOfOwner(owner: string, rules: Rules): string | null {
  let names = namesByRules.get(rules)
  if (names === undefined) namesByRules.set(rules, (names = readNames(rules)))
  return names.get(plainName(owner)) ?? null
}

function readNames({ companies }: Rules): Map<string, string | null> {
  const names = new Map<string, string | null>()
  for (const { slug, name, cloud } of companies.all) {
    const plain = plainName(name)
    if (cloud || plain.length < LEAST_LETTERS) continue
    names.set(plain, names.has(plain) ? null : slug)
  }
  return names
}

function plainName(name: string): string {
  return name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !LEGAL_WORDS.has(word))
    .join(' ')
}
