// What does the program print at its first start?

/** The address that claims the box: it answers with the page, which sends the token back with the first password. */
export function claimUrl(base: string, token: string): string {
  return `${base}/?token=${encodeURIComponent(token)}`
}
