// The analysis as a table that a person can read on a terminal.
import { NETWORK_DATA_CREDIT } from '../attribution/networks.ts'
import type { Analysis } from './analysis.ts'
import type { DeviceFacts, EndpointFacts } from '../resolve/facts.ts'

/** Endpoints shown of one device; the rest is one line, so that parts add up. */
const SHOWN_ENDPOINTS = 12
const HOST_WIDTH = 44
const SHOWN_ALERTS = 20
const SHOWN_OWNERS = 5

/**
 * Several lines of text, each ending in a newline. Names off the wire are escaped: they are hostile. `networksDate` is
 * the day of the built table of network owners, null where the owner's own or none is used.
 */
export function printAnalysis(analysis: Analysis, networksDate: string | null): string {
  const lines = [...describeCapture(analysis), '']
  for (const device of analysis.devices) lines.push(...describeDevice(device), '')
  lines.push(...describeAlerts(analysis))
  lines.push(...describeOwners(analysis))
  lines.push(...describeRemainder(analysis))
  const { share, attributed, likely, by } = analysis.coverage
  const sources = Object.entries(by).map(([word, part]) => `${word} ${percent(part)}`)
  if (sources.length > 0)
    lines.push(`Named: ${percent(share)} of the bytes to and from the internet (${sources.join(', ')})`)
  if (attributed > 0)
    lines.push(
      `Company known: ${percent(attributed - likely)}${likely === 0 ? '' : `, likely: ${percent(likely)}`} of these bytes`,
    )
  if (networksDate !== null && (analysis.capture.lines === undefined || analysis.devices.some(hasBytes)))
    lines.push(
      `Network owners and countries: data of ${networksDate}; ${NETWORK_DATA_CREDIT.text}, ${NETWORK_DATA_CREDIT.href}`,
    )
  return `${lines.join('\n')}\n`
}

/** What stood out, the latest last. */
function describeAlerts({ alerts }: Analysis): string[] {
  if (alerts.length === 0) return []
  const more = alerts.length > SHOWN_ALERTS ? [`  and ${alerts.length - SHOWN_ALERTS} more: see --json`] : []
  return [
    'Stood out:',
    ...alerts.slice(0, SHOWN_ALERTS).map(({ at, message }) => `  ${at}  ${escapeText(message)}`),
    ...more,
    '',
  ]
}

/** Who got most, in one line. */
function describeOwners({ owners }: Analysis): string[] {
  const named = owners
    .filter(({ sent }) => sent > 0)
    .slice(0, SHOWN_OWNERS)
    .map(({ owner, name, sent, companies, cloud }) => {
      const brands = companies.length === 1 && companies[0] === owner ? '' : ` (${companies.join(', ')})`
      return `${escapeText(name)} ${bytes(sent)}${cloud === true ? ' (rented out)' : brands}`
    })
  return named.length === 0 ? [] : [`Sent most to: ${named.join('; ')}`]
}

/** What is in no device's row, and why. */
function describeRemainder({ capture, coverage }: Analysis): string[] {
  const { internet, local, remainder } = coverage.bytes
  if (remainder.length === 0) return []
  return [
    `Of ${bytes(capture.ipBytes)}: ${bytes(internet)} to and from the internet, ${bytes(local)} at home, and of no device:`,
    ...remainder.map(
      ({ packets, bytes: size, why }) =>
        `  ${bytes(size)}${packets === undefined ? '' : ` in ${packets} ${packets === 1 ? 'packet' : 'packets'}`} ${why}`,
    ),
    '',
  ]
}

function describeCapture({ capture, devices, limits }: Analysis): string[] {
  const sent = devices.reduce((sum, device) => sum + device.sent, 0)
  const received = devices.reduce((sum, device) => sum + device.received, 0)
  const span =
    capture.first === null
      ? `no ${capture.lines === undefined ? 'packets' : 'lines'} with a time`
      : `${capture.first} to ${capture.last}`
  const size =
    capture.lines === undefined
      ? `${capture.packets} packets`
      : `a log of ${capture.lines} lines with ${capture.lookups} look-ups`
  const lines = [
    `${escapeText(capture.file)}: ${capture.format}, ${size}, ${span}`,
    `${devices.length} ${devices.length === 1 ? 'device' : 'devices'}; ${
      capture.lines !== undefined && sent + received === 0
        ? 'the log tells look-ups and no bytes'
        : `${bytes(sent)} sent to the internet, ${bytes(received)} received`
    }`,
  ]
  if ((capture.skippedLines ?? 0) > 0)
    lines.push(
      `Problem: ${capture.skippedLines === 1 ? '1 line is' : `${capture.skippedLines} lines are`} too long for a resolver's log and left out`,
    )
  for (const problem of capture.problems) {
    const where = problem.packet > 0 ? `packet ${problem.packet}, byte ${problem.offset}: ` : ''
    lines.push(`Problem: ${where}${escapeText(problem.message)}`)
  }
  for (const notice of capture.notices ?? []) lines.push(`Note: ${escapeText(notice)}`)
  for (const [limit, times] of Object.entries(limits))
    lines.push(
      `Limit: ${limit} was reached ${times === 1 ? 'once' : `${times} times`}: what came later is known in part only`,
    )
  return lines
}

function describeDevice(device: DeviceFacts): string[] {
  const kind = device.kind === 'unknown' ? null : device.kind
  const identity = [device.vendor, kind].filter((part) => part !== null).join(' ')
  const title = [device.name ?? device.id, identity === '' ? null : identity, device.name === null ? null : device.id]
  const lines = [
    title
      .filter((part) => part !== null)
      .map(escapeText)
      .join(' · '),
    `  ${device.addresses.join(', ')}`,
    ...(device.why.length === 0
      ? []
      : [`  because: ${device.why.map(escapeText).join('; ')} (sure: ${percent(device.confidence)})`]),
    ...(device.doubts ?? []).map((doubt) => `  doubtful: ${escapeText(doubt)}`),
    ...(device.lookups !== undefined && !hasBytes(device)
      ? []
      : [
          `  sent ${bytes(device.sent)}, received ${bytes(device.received)}; at home sent ${bytes(device.sentLocal)}, received ${bytes(device.receivedLocal)}`,
        ]),
  ]
  for (const endpoint of device.endpoints.slice(0, SHOWN_ENDPOINTS)) lines.push(describeEndpoint(endpoint))
  const rest = device.endpoints.slice(SHOWN_ENDPOINTS)
  if (rest.length > 0) {
    const sum = (field: 'sent' | 'received'): number => rest.reduce((total, endpoint) => total + endpoint[field], 0)
    lines.push(row(`and ${rest.length} more`, sum('sent'), sum('received'), ''))
  }
  lines.push(...describeLookups(device))
  return lines
}

function hasBytes({ sent, received, sentLocal, receivedLocal }: DeviceFacts): boolean {
  return sent + received + sentLocal + receivedLocal > 0
}

function describeLookups({ lookups = [] }: DeviceFacts): string[] {
  const rest = lookups.slice(SHOWN_ENDPOINTS)
  const lines = lookups.slice(0, SHOWN_ENDPOINTS).map(({ host, company, purpose, count, blocked }) => {
    const about = [company, purpose].filter((part) => part !== null).join(', ')
    return `    ${escapeText(host ?? 'other names').padEnd(HOST_WIDTH)} looked up ${times(count)}${blocked === 0 ? '' : `, ${blocked} blocked`}  ${about}`.trimEnd()
  })
  if (rest.length > 0)
    lines.push(
      `    ${`and ${rest.length} more names`.padEnd(HOST_WIDTH)} looked up ${times(rest.reduce((sum, { count }) => sum + count, 0))}`,
    )
  return lines
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

function describeEndpoint(endpoint: EndpointFacts): string {
  // Where only the network is known its sentence says all there is: a cloud is called a cloud.
  const about =
    endpoint.network === null
      ? [endpoint.company, endpoint.purpose].filter((part) => part !== null).join(', ')
      : escapeText(endpoint.network)
  const host = endpoint.host ?? endpoint.addresses[0] ?? 'unknown'
  const how = endpoint.ech ? `${endpoint.namedBy}, ECH` : endpoint.namedBy
  const likely = endpoint.likely === undefined ? '' : `probably ${endpoint.likely.company}; `
  const remark = `${likely}${about === '' ? '' : `${about}  `}(${how})`
  return row(escapeText(host), endpoint.sent, endpoint.received, remark)
}

function row(host: string, sent: number, received: number, remark: string): string {
  return `    ${host.padEnd(HOST_WIDTH)} ↑ ${bytes(sent).padStart(9)}  ↓ ${bytes(received).padStart(9)}  ${remark}`.trimEnd()
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** "1.2 MB", decimal units. */
function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`
}

/** Control characters and those that turn the writing direction are shown, not obeyed. */
function escapeText(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  )
}
