// What the packets of a live source as a whole show that is no whole home, in the source's own status.
import type { SourceReport } from '../model/source-report.ts'
import type { ViewFact } from '../text/en/capture-view.ts'

/** A home whose traffic goes through a VPN is a choice; these are the wrong place to capture. */
export const LIVE_VIEWS: readonly ViewFact['kind'][] = ['internet-side', 'shared-address', 'one-direction']

const LOOK_SECONDS = 30

export class LiveViews {
  private lookedAt = Number.NaN
  private sentence: string | null = null

  /** The reports at `now`; `look` is asked every half a minute. Of several sources nothing says which one it is. */
  addTo(reports: SourceReport[], now: number, look: () => string[]): SourceReport[] {
    if (Number.isNaN(this.lookedAt)) this.lookedAt = now
    const places = reports.filter(({ tellsBytes, state }) => tellsBytes !== false && state !== 'off')
    if (Math.abs(now - this.lookedAt) >= LOOK_SECONDS) {
      this.lookedAt = now
      this.sentence = places.length === 1 ? sentenceOf(look()) : null
    }
    const { sentence } = this
    if (sentence === null || places.length !== 1 || places[0].problem !== null) return reports
    return reports.map((one) => (one === places[0] ? { ...one, problem: sentence } : one))
  }
}

function sentenceOf([first]: readonly string[]): string | null {
  return first === undefined ? null : `${first.charAt(0).toUpperCase()}${first.slice(1)}.`
}
