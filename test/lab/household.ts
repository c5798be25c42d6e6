// Checks what Telltale reports of the household: devices, volumes, peers and purposes.
import type { DeviceRow } from '../../server/api.ts'
import type { Findings } from './findings.ts'
import type { Lease } from './messages.ts'
import { addressesOf } from './shown.ts'
import type { Device, RunningLab } from './steward.ts'
import { rowOf, type Telltale, until } from './telltale.ts'

/** How far bytes may be from nft's. */
const TOLERANCE = 0.005
const APPEARS_WITHIN = 10
/** For a machine that does much else beside: whether, not when. */
export const APPEARS_SOME_TIME = 60
/** A second is emitted when it is over; two leave room for a busy machine. */
const TOLD_AFTER = 2500

/** Shown bytes since the lab began. */
export interface Span {
  from: number
  to(): number
}

export function spanFromNow(): Span {
  const from = Math.floor(Date.now() / 1000) - 1
  return { from, to: () => Math.ceil(Date.now() / 1000) + 2 }
}

/** Switches everything on and says how long each device took to be known as what it is. */
export async function everyDeviceAppears(
  running: RunningLab,
  telltale: Telltale,
  span: Span,
  findings: Findings,
  within = APPEARS_WITHIN,
): Promise<void> {
  await Promise.all(
    running.devices.map(async (device) => {
      device.lease = await device.order<Lease>({ do: 'switch-on' })
      const habits = device.order({ do: 'everything-once' })
      await appears(running, device, telltale, span, findings, within)
      await habits
    }),
  )
}

async function appears(
  running: RunningLab,
  device: Device,
  telltale: Telltale,
  span: Span,
  findings: Findings,
  within: number,
): Promise<void> {
  const { plan, lease } = device
  const { at, address } = lease as Lease
  let row: DeviceRow | null = null
  const wrong = (): string[] =>
    row === null ? ['it is not there'] : differences(row, plan.is, addressesOf(running.lab, plan))
  await until(
    async () => {
      row = rowOf(await telltale.overview(span.from, span.to()), plan.mac)
      return wrong().length === 0
    },
    within + 5,
    'it appears',
  ).catch(() => undefined)
  const seconds = (Date.now() - at) / 1000
  const problems = wrong()
  if (problems.length > 0)
    return findings.judge(false, `${plan.label} (${address}): after ${seconds.toFixed(1)} s ${problems.join('; ')}`)
  const { name, kind, vendor, addresses } = row as unknown as DeviceRow
  findings.judge(
    seconds <= within,
    `${plan.label}: "${name}", ${kind}, made by ${vendor ?? 'nobody known'}, ${addresses.join(' ')}: ${seconds.toFixed(1)} s after its DHCP`,
  )
}

function differences(row: DeviceRow, is: Device['plan']['is'], addresses: string[]): string[] {
  const wrong: string[] = []
  if (row.name !== is.name) wrong.push(`name "${row.name}" instead of "${is.name}"`)
  if (row.kind !== is.kind) wrong.push(`kind ${row.kind} instead of ${is.kind}`)
  if (row.vendor !== is.vendor) wrong.push(`maker ${row.vendor} instead of ${is.vendor}`)
  const missing = addresses.filter((address) => !row.addresses.includes(address))
  if (missing.length > 0) wrong.push(`without its addresses ${missing.join(' ')}`)
  return wrong
}

/** Runs the household for some seconds, then waits until all is emitted. */
export async function live(running: RunningLab, seconds: number): Promise<void> {
  await Promise.all(running.devices.map((device) => device.order({ do: 'carry-on' })))
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  await rest(running)
}

export async function rest(running: RunningLab): Promise<void> {
  await Promise.all(running.devices.map((device) => device.order({ do: 'rest' })))
  await new Promise((resolve) => setTimeout(resolve, TOLD_AFTER))
}

/** Bytes of each device against nft's; the devices must be resting. */
export async function bytesAgree(
  running: RunningLab,
  telltale: Telltale,
  span: Span,
  findings: Findings,
  when: string,
): Promise<void> {
  const overview = await telltale.overview(span.from, span.to())
  for (const { plan } of running.devices) {
    const row = rowOf(overview, plan.mac)
    const nft = running.forwarded(plan)
    const sent = (row?.sent ?? 0) / nft.sent - 1
    const received = (row?.received ?? 0) / nft.received - 1
    const agrees = Math.abs(sent) <= TOLERANCE && Math.abs(received) <= TOLERANCE
    findings.judge(
      agrees,
      `${when}, ${plan.label}: sent ${row?.sent} (nft ${nft.sent}, ${percent(sent)}), received ${row?.received} (nft ${nft.received}, ${percent(received)})`,
    )
  }
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(share * 100).toFixed(3)} %`
}

/** Each host of each device, whose it is and what for; and nothing that the device did not do. */
export async function companiesAreRight(
  running: RunningLab,
  telltale: Telltale,
  span: Span,
  findings: Findings,
): Promise<void> {
  for (const { plan } of running.devices) {
    const { endpoints } = await telltale.device(plan.mac, span.from, span.to())
    const wrong: string[] = []
    for (const { host, company, purpose, via } of plan.habits) {
      const found = endpoints.filter((endpoint) => endpoint.host === host)
      for (const endpoint of found) {
        if (endpoint.company.slug !== company)
          wrong.push(`${host} is said to be ${endpoint.company.slug}'s, not ${company}'s`)
        if (purpose !== null && endpoint.purpose !== purpose)
          wrong.push(`${host} is said to be for ${endpoint.purpose}, not ${purpose}`)
      }
      // The first packets of a connection may be booked by the look-up before them, when a second ends there.
      const nameSource = via === 'udp' ? 'dns' : via
      if (!found.some(({ namedBy }) => namedBy === nameSource))
        wrong.push(`${host} was named by ${found.map(({ namedBy }) => namedBy).join() || 'nothing'}, not ${nameSource}`)
    }
    const known = new Set(plan.habits.map(({ host }) => host))
    for (const { host, addresses } of endpoints)
      if (host === null || !known.has(host)) wrong.push(`${host ?? addresses.join(' ')} is nothing it talked to`)
    findings.judge(
      wrong.length === 0,
      `${plan.label}: ${wrong.length === 0 ? `company, purpose and name of ${known.size} hosts are right` : wrong.join('; ')}`,
    )
  }
}
