// What a reader of payloads needs of the engine whose flows it names.
import type { AddressTable } from './addresses.ts'
import type { Clock } from './clock.ts'
import type { DnsObserver } from './dns-observer.ts'
import type { FlowTable } from './flow-table.ts'
import type { LimitCounter } from './limits.ts'
import type { NameTable } from './name-table.ts'
import type { Observed } from './observed.ts'
import type { Ownership } from './ownership.ts'

export interface InspectedEngine {
  readonly flows: FlowTable
  readonly names: NameTable
  readonly addresses: AddressTable
  readonly ownership: Ownership
  readonly observed: Observed
  readonly limits: LimitCounter
  readonly clock: Clock
  readonly dns: DnsObserver
  /** A payload of the flow carries this name; `namedBy` is one of NamedBy. */
  nameFlow(flow: number, name: number, namedBy: number, ech: boolean): void
  /** A payload shows that the flow is media between two devices. */
  markDirectMedia(flow: number): void
}
