// How a router is named: user, name or address, and port.

export interface NamedRouter {
  /** Name or address, perhaps with "user@" in front, without brackets: as ssh takes it. */
  host: string
  port?: number
}

/**
 * Reads "root@192.168.1.1", "openwrt:2222", "root@[fd00::1]:2222" or "fd00::1" (an IPv6 address without brackets has no
 * port); null where the text is none of these.
 */
export function parseRouterName(text: string): NamedRouter | null {
  const found = /^((?:[\w.-]{1,64}@)?)(?:\[([\da-fA-F:.%\w-]{2,64})\]|([^[\]]+))$/.exec(withoutPort(text))
  if (found === null) return null
  const [, user = '', inBrackets, plain] = found
  const name = inBrackets ?? plain ?? ''
  if (inBrackets !== undefined && !inBrackets.includes(':')) return null
  if (!/^\w[\w.:%-]{0,254}$/.test(name) && !/^::[\da-fA-F:.]*$/.test(name)) return null
  const port = portOf(text)
  if (port === null) return { host: `${user}${name}` }
  return Number.isInteger(port) && port > 0 && port < 65_536 ? { host: `${user}${name}`, port } : null
}

/** As it is shown and named in a source's line. */
export function routerName({ host, port }: NamedRouter): string {
  if (port === undefined) return host
  const at = host.indexOf('@') + 1
  const name = host.slice(at)
  return `${host.slice(0, at)}${name.includes(':') ? `[${name}]` : name}:${port}`
}

const PORT = /^(.*\]|[^:]*):(\d{1,5})$/

function withoutPort(text: string): string {
  return PORT.exec(text)?.[1] ?? text
}

function portOf(text: string): number | null {
  const port = PORT.exec(text)?.[2]
  return port === undefined ? null : Number(port)
}
