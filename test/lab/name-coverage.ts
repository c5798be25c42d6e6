// How much of the lab's bytes has the right name and the right company, and how much a wrong one.
import { cloudHosts } from './addresses.ts'
import type { Span } from './household.ts'
import type { RunningLab } from './steward.ts'
import { addressesOf } from './shown.ts'
import type { Telltale } from './telltale.ts'

/** Shares of the bytes with the internet. */
export interface Coverage {
  bytes: number
  name: { right: number; wrong: number }
  company: { right: number; wrong: number }
}

/** Each address of the lab's cloud is one host's alone: the truth is known of each byte. */
export async function coverageOf(running: RunningLab, telltale: Telltale, span: Span): Promise<Coverage> {
  const hosts = cloudHosts(running.lab.devices)
  const hostAt = new Map(hosts.flatMap(({ host, ipv4, ipv6 }) => [ipv4, ipv6].map((address) => [address, host])))
  const habits = running.devices.flatMap(({ plan }) => plan.habits)
  const companyOf = new Map(habits.map(({ host, company }) => [host, company]))
  const sums = { bytes: 0, name: { right: 0, wrong: 0 }, company: { right: 0, wrong: 0 } }
  for (const { id } of await rowsOfHome(running, telltale, span)) {
    const { endpoints } = await telltale.device(id, span.from, span.to())
    for (const { host, addresses, company, sent, received } of endpoints) {
      const bytes = sent + received
      const truth = hostAt.get(addresses[0] ?? '')
      sums.bytes += bytes
      if (host !== null) sums.name[host === truth ? 'right' : 'wrong'] += bytes
      const isRight = truth !== undefined && company.slug === companyOf.get(truth)
      if (company.slug !== null) sums.company[isRight ? 'right' : 'wrong'] += bytes
    }
  }
  const share = (bytes: number): number => (sums.bytes === 0 ? Number.NaN : bytes / sums.bytes)
  return {
    bytes: sums.bytes,
    name: { right: share(sums.name.right), wrong: share(sums.name.wrong) },
    company: { right: share(sums.company.right), wrong: share(sums.company.wrong) },
  }
}

/** Rows of the lab's devices, by MAC or by address: not each source tells a MAC. */
export async function rowsOfHome(
  { lab, devices }: RunningLab,
  telltale: Telltale,
  span: Span,
): Promise<{ id: string; label: string; sent: number; received: number }[]> {
  const { devices: rows } = await telltale.overview(span.from, span.to())
  return devices.flatMap(({ plan }) => {
    const own = new Set(addressesOf(lab, plan))
    return rows
      .filter(({ mac, addresses }) => mac === plan.mac || addresses.some((address) => own.has(address)))
      .map(({ id, sent, received }) => ({ id, label: plan.label, sent, received }))
  })
}
