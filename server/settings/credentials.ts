// User, password and query in texts that are no secrets themselves, such as the address of a server: never shown.

/** What is shown of a secret that is set; sent back, the secret stays as it is. */
export const SECRET_IS_SET = '••••••••'

/** Between "//" and the last "@" before the path: a user alone may be a token. */
const OF_ADDRESS = /(\/\/)[^/?#\s"]*@/g
/** "user:password@host", as some write an address. A user alone is a name. */
const WITHOUT_SCHEME = /^[^/?#\s@:"]+:[^/?#\s"]*@/
const QUERY = /(:\/\/[^?#\s"]*)[?#][^\s"]*/g

/** The text as anyone may see it. */
export function withoutCredentials(text: string, hidden = SECRET_IS_SET): string {
  return text.replace(OF_ADDRESS, `$1${hidden}@`).replace(QUERY, `$1?${hidden}`)
}

/** As `withoutCredentials`, of a setting that is one text. */
export function shownText(text: string): string {
  return withoutCredentials(text).replace(WITHOUT_SCHEME, `${SECRET_IS_SET}@`)
}

/** A setting as anyone may see it. */
export function shownSetting(value: unknown): unknown {
  if (typeof value === 'string') return shownText(value)
  return Array.isArray(value)
    ? value.map((item: unknown) => (typeof item === 'string' ? withoutCredentials(item) : item))
    : value
}

/** A setting that somebody sends, with what was only shown of it taken from the present one. */
export function withCredentialsOf(given: unknown, present: unknown): unknown {
  if (typeof given === 'string') return typeof present === 'string' && given === shownText(present) ? present : given
  if (!Array.isArray(given) || !Array.isArray(present)) return given
  return given.map(
    (item: unknown) =>
      (present as unknown[]).find((kept) => typeof kept === 'string' && withoutCredentials(kept) === item) ?? item,
  )
}
