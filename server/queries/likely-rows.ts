// Who a device probably sent most to, beside the company that was seen.
import type { LikelyTop } from '../api.ts'
import type { LikelyCompanies } from './likely.ts'
import { describeCompany, type Movement, type TrafficView } from './traffic-view.ts'

/** By device: the company that most of what it sent without one that was seen probably went to. */
export function likelyTops(
  view: TrafficView,
  moved: readonly Movement[],
  likely: LikelyCompanies,
): Map<string, LikelyTop> {
  const sums = new Map<string, Map<string, number>>()
  for (const movement of moved) {
    const found = likely.of(movement)
    if (found === null || movement.sent === 0) continue
    const ofDevice = sums.get(movement.device) ?? new Map<string, number>()
    sums.set(movement.device, ofDevice)
    ofDevice.set(found.company, (ofDevice.get(found.company) ?? 0) + movement.sent)
  }
  const tops = new Map<string, LikelyTop>()
  for (const [device, ofDevice] of sums) {
    const [[slug, sent]] = [...ofDevice].sort(([, one], [, other]) => other - one) as [[string, number]]
    tops.set(device, { company: describeCompany(view, slug), sent })
  }
  return tops
}
