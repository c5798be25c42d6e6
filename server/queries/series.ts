// The series of a chart: bytes by step, and gaps where nothing was captured.
import type { Series } from '../api.ts'
import type { Range } from '../history/history.ts'
import { companiesAskedFor } from './overview.ts'
import type { TrafficView } from './traffic-view.ts'

export interface SeriesQuery extends Range {
  device?: string
  company?: string
  owner?: string
  purpose?: string
  step?: number
}

export async function series(view: TrafficView, query: SeriesQuery): Promise<Series> {
  const { device, from: start, to, purpose, step } = query
  const companies = companiesAskedFor(view, query)
  const answer = await view.history.series({
    from: start,
    to,
    ...(device === undefined ? {} : { devices: view.membersOf(device) }),
    ...(companies === null ? {} : { companies }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(step === undefined ? {} : { step }),
  })
  const { from, step: chosen, sent, received, covered } = answer
  const gaps = (values: number[]): (number | null)[] =>
    values.map((value, index) => (covered[index] === 0 && value === 0 ? null : value))
  return { from, step: chosen, sent: gaps(sent), received: gaps(received) }
}
