// Requests about incidents of a kept home, and the time at which all that was captured is counted.
import { type Browser, until } from './program.ts'

export const LIVE = '/api/books/live'
const DAY = 86_400

/** Of an alert as it is answered, what versions share. */
export interface ToldAlert {
  id: string
  kind: string
  device: string | null
  company: { slug: string } | null
  from: number
  to: number
  state: string
  muted: boolean
  message: string
  bytes: number
  destinations: { address: string | null; bytes: number }[]
}

/** Alerts one by one, devices, and the traffic of the days. */
export async function pathsOfIncidents(browser: Browser, now: number): Promise<string[]> {
  const alerts = await browser.get<ToldAlert[]>(`${LIVE}/alerts`)
  const range = `from=${now - 13 * DAY}&to=${now}`
  return [
    '/api/settings',
    `${LIVE}/devices`,
    `${LIVE}/alerts`,
    `${LIVE}/overview?${range}`,
    `${LIVE}/events?${range}`,
    ...alerts.map(({ id }) => `${LIVE}/alerts/${id}`),
  ]
}

interface Status {
  last: number | null
  sources: { kind: string; packets: number }[]
}

/** Until the capture is read and counted. */
export async function hasRead(browser: Browser, capture: Uint8Array): Promise<void> {
  const { packets, last } = extentOf(capture)
  let status: Status | null = null
  await until(
    () => `${packets} packets up to ${last}: ${JSON.stringify(status)}`,
    async () => {
      status = await browser.get<Status>(`${LIVE}/status`)
      const isRead = status.sources.some((source) => source.kind === 'folder' && source.packets >= packets)
      return isRead && (status.last ?? 0) >= last
    },
    120_000,
  )
  // A second is handed on when it is over, and its alerts and events with it.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
}

function extentOf(capture: Uint8Array): { packets: number; last: number } {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength)
  let [packets, last] = [0, 0]
  for (let at = 24; at < capture.length; at += 16 + view.getUint32(at + 8, true)) {
    packets++
    last = view.getUint32(at, true)
  }
  return { packets, last }
}
