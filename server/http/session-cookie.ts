// The session cookie of a browser, read the same way for HTTP and for sockets.
import cookie from '@fastify/cookie'

export const COOKIE = 'telltale'

export function sessionIdOf(cookieHeader: string | undefined): string | null {
  return (cookieHeader === undefined ? undefined : cookie.parse(cookieHeader)[COOKIE]) ?? null
}
