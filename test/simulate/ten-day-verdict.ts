// Whether the alerts of an analysis tell the six uploads of a ten-day home, and what else they tell.
import type { Analysis } from '../../server/analyze/analysis.ts'
import type { TenDayHome, Upload } from './ten-day-home.ts'

type AlertEntry = Analysis['alerts'][number]

/** Of an upload's bytes, that its alerts may be off. */
const TOLERANCE = 0.1
/** Of seconds, that an alert may end before the last packet: times are whole seconds. */
const SLACK = 1

export interface Verdict {
  /** A line for each upload that is not told as it should be. */
  untold: string[]
  /** Alerts about none of them. */
  others: AlertEntry[]
  /** A line for each upload. */
  lines: string[]
}

export function verdictOn({ alerts }: Pick<Analysis, 'alerts'>, { uploads, start }: TenDayHome): Verdict {
  const own = new Set<AlertEntry>()
  const untold: string[] = []
  const lines = uploads.map((upload) => {
    const isOwn = ({ device, address }: AlertEntry): boolean => device === upload.device && address === upload.address
    const about = alerts.filter(isOwn)
    for (const alert of about) own.add(alert)
    const total = uploads
      .filter(({ device, address }) => device === upload.device && address === upload.address)
      .reduce((sum, { bytes }) => sum + bytes, 0)
    const told = about.reduce((sum, { bytes }) => sum + bytes, 0)
    const around = about.find((alert) => isAround(alert, upload))
    const isTold = around !== undefined && Math.abs(told / total - 1) <= TOLERANCE
    const line = `${upload.label}, day ${((upload.from - start) / 86_400).toFixed(2)}, ${upload.device} to ${upload.address}: ${
      isTold ? 'told' : about.length === 0 ? 'NOT TOLD' : around === undefined ? 'NOT IN THE TIME' : 'WRONG BYTES'
    } (${told} of ${total} bytes, ${about.length} alerts${about.map(wordsOf).join('')})`
    if (!isTold) untold.push(line)
    return line
  })
  return { untold, others: alerts.filter((alert) => !own.has(alert)), lines }
}

function isAround({ at, until }: AlertEntry, { from, until: end }: Upload): boolean {
  return Date.parse(at) / 1000 <= from && Date.parse(until) / 1000 >= end - SLACK
}

function wordsOf({ at, until, kind, bytes, repeats }: AlertEntry): string {
  return `; ${kind} ${at}..${until} ${bytes} × ${repeats}`
}
