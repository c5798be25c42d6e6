// Whether the alerts of an analysis tell the six uploads of a ten-day home, and what else they tell.
import type { Analysis } from '../../server/analyze/analysis.ts'
import type { TenDayHome, Upload } from './ten-day-home.ts'

type AlertEntry = Analysis['alerts'][number]

/** Of an upload's bytes, that its alerts may be off. */
const TOLERANCE = 0.1
/** Seconds that an alert may end before the last packet: times are whole, and the last packets only say goodbye. */
const SLACK = 2
/** An incident lasts so long at most: an upload that lasts longer is told in several. */
const LONGEST_INCIDENT = 6 * 3_600

export const STATUSES = ['told', 'in parts', 'not in the time', 'wrong bytes', 'not told'] as const
/**
 * `told`: one alert has the whole upload within its time, and the alerts of the address have its bytes. `in parts`:
 * several alerts together have.
 */
export type Status = (typeof STATUSES)[number]

export interface UploadVerdict {
  upload: Upload
  status: Status
  /** One line. */
  words: string
}

export interface Verdict {
  uploads: UploadVerdict[]
  /** Alerts about none of them. */
  others: AlertEntry[]
}

export function verdictOn({ alerts }: Pick<Analysis, 'alerts'>, { uploads, start }: TenDayHome): Verdict {
  const own = new Set<AlertEntry>()
  const verdicts = uploads.map((upload): UploadVerdict => {
    const isOwn = ({ device, address }: AlertEntry): boolean => device === upload.device && address === upload.address
    const about = alerts.filter(isOwn)
    for (const alert of about) own.add(alert)
    const total = uploads
      .filter(({ device, address }) => device === upload.device && address === upload.address)
      .reduce((sum, { bytes }) => sum + bytes, 0)
    const told = about.reduce((sum, { bytes }) => sum + bytes, 0)
    const status = statusOf(about, upload, told / total)
    const day = ((upload.from - start) / 86_400).toFixed(2)
    const found = about.map((alert) => wordsOf(alert, upload)).join('; ')
    const words = `${status}: ${upload.label}, day ${day}, to ${upload.address}: ${told} of ${total} bytes${found === '' ? '' : `: ${found}`}`
    return { upload, status, words }
  })
  return { uploads: verdicts, others: alerts.filter((alert) => !own.has(alert)) }
}

export function isToldInFull({ status, upload: { from, until } }: UploadVerdict): boolean {
  return status === 'told' || (status === 'in parts' && until - from > LONGEST_INCIDENT)
}

function statusOf(about: readonly AlertEntry[], upload: Upload, share: number): Status {
  if (about.length === 0) return 'not told'
  if (Math.abs(share - 1) > TOLERANCE) return 'wrong bytes'
  if (about.some((alert) => isAround(alert, upload))) return 'told'
  const begins = Math.min(...about.map(beginOf))
  const ends = Math.max(...about.map(endOf))
  return begins <= upload.from && ends >= upload.until - SLACK ? 'in parts' : 'not in the time'
}

function isAround(alert: AlertEntry, { from, until }: Upload): boolean {
  return beginOf(alert) <= from && endOf(alert) >= until - SLACK
}

const beginOf = ({ at }: AlertEntry): number => Date.parse(at) / 1000
const endOf = ({ until }: AlertEntry): number => Date.parse(until) / 1000

/** With the seconds that it begins after the upload, and ends before it. */
function wordsOf(alert: AlertEntry, { from, until }: Upload): string {
  const { kind, bytes, repeats } = alert
  const [late, early] = [beginOf(alert) - from, until - endOf(alert)].map((seconds) => seconds.toFixed(1))
  return `${kind} of ${bytes} bytes × ${repeats}, begins ${late} s late, ends ${early} s early`
}
