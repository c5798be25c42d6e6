// The check of Host and Origin, which stops DNS rebinding and requests from foreign pages.
import { hostname, networkInterfaces } from 'node:os'
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

export interface HostOptions {
  /** Open to the home's network: its addresses and names of this machine are ours as well. */
  lan: boolean
  /** Further names from the settings, read at every request. */
  extraNames: () => readonly string[]
  machineName?: string
  machineAddresses?: () => string[]
}

/** True where a Host header names this machine. The port does not matter: a rebound name is foreign on every port. */
export type HostCheck = (host: string | undefined) => boolean

export function createHostCheck(options: HostOptions): HostCheck {
  const machine = (options.machineName ?? hostname()).toLowerCase().replace(/\..*$/, '')
  const ownNames =
    options.lan && machine !== '' ? [machine, `${machine}.local`, `${machine}.lan`, `${machine}.home.arpa`] : []
  const addresses = options.machineAddresses ?? interfaceAddresses
  return (host) => {
    const name = nameOf(host)
    if (name === null) return false
    if (name === 'localhost' || name === '127.0.0.1' || name === '::1' || ownNames.includes(name)) return true
    if (options.extraNames().some((extra) => extra.toLowerCase() === name)) return true
    return options.lan && isIP(name) !== 0 && addresses().includes(name)
  }
}

/** A sentence where a change, or a socket, does not come from our own page; null where it does. */
export function foreignOrigin(method: string, headers: IncomingHttpHeaders): string | null {
  const site = headers['sec-fetch-site']
  const reading = method === 'GET' || method === 'HEAD'
  const origin = headers.origin
  if (origin === undefined) {
    if (!reading) return 'A change must carry the header Origin with the address of this page.'
    // A browser leaves Origin out of its own page's GET; then it says where the page is.
    return site === undefined || site === 'same-origin' || site === 'none'
      ? null
      : 'This was asked by a page of another site.'
  }
  const host = headers.host ?? ''
  if (origin !== `http://${host}` && origin !== `https://${host}`) return 'This was asked by a page of another site.'
  return site === 'cross-site' || site === 'same-site' ? 'This was asked by a page of another site.' : null
}

function nameOf(host: string | undefined): string | null {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '')
  return parts === null ? null : (parts[1] ?? parts[2] ?? '').toLowerCase().replace(/\.$/, '')
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .map((one) => one.address.toLowerCase())
}
