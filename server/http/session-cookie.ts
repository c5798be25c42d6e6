// The cookies of a browser, read the same way for HTTP and for sockets.
import cookie from '@fastify/cookie'

export const COOKIE = 'telltale'

/** Of a browser that was logged in before. */
export const KNOWN_COOKIE = 'telltale-known'

export function knownCookieOf(cookieHeader: string | undefined): string | undefined {
  return cookieHeader === undefined ? undefined : cookie.parse(cookieHeader)[KNOWN_COOKIE]
}

export function sessionIdOf(cookieHeader: string | undefined): string | null {
  return (cookieHeader === undefined ? undefined : cookie.parse(cookieHeader)[COOKIE]) ?? null
}
