// Sampling: an exporter that looks at one packet of N says so in each record, in its options, or in v5's header.
import {
  SAMPLER_ID,
  SAMPLER_INTERVAL,
  SAMPLING_INTERVAL,
  SAMPLING_PACKET_INTERVAL,
  SAMPLING_PACKET_SPACE,
  SAMPLING_POPULATION,
  SAMPLING_PROBABILITY,
  SAMPLING_SIZE,
  SELECTOR_ID,
} from './elements.ts'
import type { FieldView } from './field-view.ts'
import { MAX_SAMPLERS } from './limits.ts'

/** One packet of so many at most; more is a damaged field. */
const LARGEST_RATE = 1_000_000

/** What one stream says of its sampling. */
export class Sampling {
  /** One packet of so many is looked at, where a record names no sampler. */
  private rate = 1
  private readonly samplers = new Map<number, number>()

  /** A record of options, which may describe a sampler or all of the exporter's sampling. */
  describe(view: FieldView): void {
    const rate = rateIn(view)
    if (rate === null) return
    const sampler = samplerOf(view)
    if (sampler === null) this.rate = rate
    else if (this.samplers.has(sampler) || this.samplers.size < MAX_SAMPLERS) this.samplers.set(sampler, rate)
  }

  /** v5: 14 bits of the header (Cisco); 0 and 1 are none. */
  describeHeader(interval: number): void {
    this.rate = Math.max(1, interval & 0x3fff)
  }

  /** How many packets each packet of a record stands for. */
  rateOf(view: FieldView | null): number {
    if (view === null) return this.rate
    const own = rateIn(view)
    if (own !== null) return own
    const sampler = samplerOf(view)
    if (sampler === null) return this.rate
    // Number 0 is that of no sampler (RFC 3954 section 8).
    return this.samplers.get(sampler) ?? (sampler === 0 ? this.rate : this.onlyRate())
  }

  /** A record may name the sampler by another number than the options, where there is one alone. */
  private onlyRate(): number {
    const [rate] = this.samplers.values()
    return this.samplers.size === 1 ? rate : this.rate
  }
}

function samplerOf(view: FieldView): number | null {
  return view.number(SELECTOR_ID) ?? view.number(SAMPLER_ID)
}

/** Null where the record says nothing of sampling. RFC 5477 section 8.2, RFC 3954 section 8. */
function rateIn(view: FieldView): number | null {
  const interval = view.number(SAMPLING_PACKET_INTERVAL)
  if (interval !== null && interval > 0)
    return plausible((interval + view.numberOr(SAMPLING_PACKET_SPACE, 0)) / interval)
  const size = view.number(SAMPLING_SIZE)
  const population = view.number(SAMPLING_POPULATION)
  if (size !== null && population !== null && size > 0) return plausible(population / size)
  const probability = view.float(SAMPLING_PROBABILITY)
  if (probability !== null && probability > 0) return plausible(1 / probability)
  const older = view.number(SAMPLER_INTERVAL) ?? view.number(SAMPLING_INTERVAL)
  return older === null ? null : plausible(Math.max(1, older))
}

function plausible(rate: number): number | null {
  return rate >= 1 && rate <= LARGEST_RATE ? rate : null
}
