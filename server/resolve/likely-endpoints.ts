// Who is likely behind the nameless endpoints of devices, from what all devices of the engine were seen to talk to.
import type { Engine } from '../engine/engine.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { RowNumber } from '../engine/row-table.ts'
import { likelyBehind } from '../likely/likely.ts'
import { blockOf, Neighbours } from '../likely/neighbours.ts'
import type { Rules } from '../rulebook/open.ts'
import type { DeviceFacts, EndpointFacts } from './facts.ts'

/**
 * Companies by name at addresses in the blocks of those without a name. A cloud's own name says nothing of those who
 * rent it.
 */
export function neighboursOf(engine: Engine, rules: Rules): Neighbours {
  const { rows, names, addresses } = engine
  const neighbours = new Neighbours()
  const blocks = new Set<string | null>()
  for (let row = 0; row < rows.used; row++)
    if (rows.name(row) === NO_NAME) blocks.add(blockOf(addresses.text(rows.address(row))))
  for (let row = 0; row < rows.used; row++) {
    const name = rows.name(row)
    if (name === NO_NAME || rows.number(row, RowNumber.Packets) === 0) continue
    const address = addresses.text(rows.address(row))
    if (!blocks.has(blockOf(address))) continue
    const host = names.text(name)
    const { company } = rules.companies.lookUp(host)
    if (company === null || rules.companies.describe(company)?.cloud === true) continue
    neighbours.add(address, company, host)
  }
  return neighbours
}

/** Fills in `likely` of the device's endpoints. Needs them attributed and the device identified. */
export function addLikely(device: DeviceFacts, rules: Rules, neighbours: Neighbours): void {
  const addresses = new Set(device.endpoints.flatMap((endpoint) => endpoint.addresses)).size
  for (const endpoint of device.endpoints) {
    if (endpoint.host !== null) continue
    const likely = likelyBehind(
      { ...endpoint, address: endpoint.addresses[0] },
      { vendor: device.vendor, kind: device.kind, addresses },
      rules,
      neighbours,
    )
    if (likely !== null) endpoint.likely = likely
  }
}

/** A company was seen, and none that rents its network out. */
export function isSeen({ company }: EndpointFacts, rules: Rules): boolean {
  return company !== null && rules.companies.describe(company)?.cloud !== true
}
