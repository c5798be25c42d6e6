// The addresses of the lab: private ones at home, documentation ones (RFC 5737, RFC 3849) for the rest of the world.
import type { DevicePlan } from './plan.ts'

export const HOME = {
  router: '192.168.77.1',
  network: '192.168.77.0/24',
  first: '192.168.77.50',
  last: '192.168.77.200',
}
/** A unique local prefix, RFC 4193. */
export const HOME6 = { router: 'fd77:7e11:7a1e::1', network: 'fd77:7e11:7a1e::/64' }
export const WAN = {
  router: '198.51.100.2',
  cloud: '198.51.100.1',
  router6: '2001:db8:ffff::2',
  cloud6: '2001:db8:ffff::1',
}
export const CLOUD = { network: '203.0.113.0/24', network6: '2001:db8:cafe::/64' }

export interface CloudHost {
  host: string
  ipv4: string
  ipv6: string
}

/** Each host that any device talks to, with addresses of its own. */
export function cloudHosts(devices: readonly DevicePlan[]): CloudHost[] {
  const hosts = [...new Set(devices.flatMap(({ habits }) => habits.map(({ host }) => host)))]
  return hosts.map((host, place) => ({ host, ipv4: `203.0.113.${10 + place}`, ipv6: `2001:db8:cafe::${10 + place}` }))
}
