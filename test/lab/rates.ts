// How much can the capture take? A real recording, played into a cable at rising rates.
import type { Findings } from './findings.ts'
import type { Lab } from './topology.ts'

export async function replayRates(_lab: Lab, findings: Findings): Promise<void> {
  findings.tell('rates: not measured')
}
