// Meaning of a burst by the rules, with its confidence.
import type { Kind } from '../rules/types.ts'
import { amount } from '../text/en/amount.ts'
import { secondsOf, type Burst, type EventEndpoint, type EventKind } from './event.ts'
import { MEASURES, type CompiledEventRule, type EventConditions, type Measure } from './rules.ts'

/** All that the meaning of a burst may depend on. */
export interface Scene {
  /** What the device is; null or "unknown" where nobody knows. */
  device: string | null
  /** Who made it; null where nobody knows. */
  vendor?: string | null
  endpoint: Pick<EventEndpoint, 'host' | 'company' | 'purpose' | 'labels' | 'namedBy'>
  burst: Burst
  /** Earlier events of the same device, and when they began. */
  before: readonly { kind: EventKind; at: number }[]
  /** What the device's other bursts with the same far end clearly are. */
  alongside?: ReadonlySet<EventKind>
  /** Whether the device calls the far end at regular times. */
  beats?: boolean
}

export interface Verdict {
  kind: EventKind
  /** Whether it holds without another event with the same far end. */
  isClear: boolean
  confidence: number
  reasons: string[]
}

/** Name sources that name a host. */
const NAMES = ['tls', 'quic', 'http', 'dns', 'certificate', 'dns-other', 'remembered']
/** A name that somebody else asked for, or that was so before a restart, may be out of date. */
const SECOND_HAND = ['dns-other', 'remembered']
const SECOND_HAND_FACTOR = 0.9

/** An upload that no rule fits is reported from this size on: any two machines exchange less. */
export const UNKNOWN_UPLOAD_BYTES = 50_000
const UNKNOWN_UPLOAD_CONFIDENCE = 0.3

/** The rule that is surest; the first of equals. Null where the burst means nothing worth reporting. */
export function judge(scene: Scene, rules: readonly CompiledEventRule[]): Verdict | null {
  return judgeAmong(scene, rulesFor(scene.endpoint, rules))
}

/** As `judge`, among the rules that `rulesFor` found for the endpoint. */
export function judgeAmong(scene: Scene, rules: readonly CompiledEventRule[]): Verdict | null {
  const { burst, endpoint } = scene
  let best: CompiledEventRule | null = null
  for (const rule of rules) {
    if (
      (best === null || rule.confidence > best.confidence) &&
      fitsBurst(rule.when, burst) &&
      fitsDevice(rule.when, scene)
    )
      best = rule
  }
  if (best === null) {
    if (burst.sent < UNKNOWN_UPLOAD_BYTES || burst.sent < burst.received) return null
    return {
      kind: 'unknown-upload',
      isClear: false,
      confidence: UNKNOWN_UPLOAD_CONFIDENCE,
      reasons: ['more was sent than received, and no rule knows what for', ...shapeReasons(scene)],
    }
  }
  const factor = SECOND_HAND.includes(endpoint.namedBy) ? SECOND_HAND_FACTOR : 1
  return {
    kind: best.kind,
    isClear: best.when.alongside === undefined,
    confidence: Math.round(best.confidence * factor * 100) / 100,
    reasons: [best.reason, ...shapeReasons(scene)],
  }
}

/** Rules that may hold for an endpoint at all: worked out once, as an endpoint does not change. */
export function rulesFor(endpoint: Scene['endpoint'], rules: readonly CompiledEventRule[]): CompiledEventRule[] {
  return rules.filter(({ when }) => fitsEndpoint(when, endpoint))
}

/** Bursts smaller than both mean nothing to any rule: bytes sent and bytes received. */
export function smallestAsked(rules: readonly CompiledEventRule[]): { sent: number; received: number } {
  const smallest = { sent: UNKNOWN_UPLOAD_BYTES, received: Number.POSITIVE_INFINITY }
  for (const { when } of rules) {
    // A rule is out of reach as soon as one of its two bounds is missed.
    const sent = when.sent?.from ?? 0
    const received = when.received?.from ?? 0
    if (sent > 0) smallest.sent = Math.min(smallest.sent, sent)
    else smallest.received = Math.min(smallest.received, received)
  }
  return smallest
}

function fitsEndpoint(when: EventConditions, endpoint: Scene['endpoint']): boolean {
  if (when.company !== undefined && (endpoint.company === null || !when.company.includes(endpoint.company)))
    return false
  if (when.purpose !== undefined && !when.purpose.includes(endpoint.purpose)) return false
  if (when.label !== undefined && !when.label.some((label) => endpoint.labels.includes(label))) return false
  if (when.named !== undefined && when.named !== isNamed(endpoint)) return false
  return when.host === undefined || when.host.some((suffix) => isBelow(endpoint.host, suffix))
}

function fitsDevice({ device, vendor, beats, after, alongside }: EventConditions, scene: Scene): boolean {
  if (beats !== undefined && beats !== (scene.beats ?? false)) return false
  if (vendor !== undefined && !vendor.includes(scene.vendor ?? '')) return false
  if (device !== undefined && !device.includes((scene.device ?? 'unknown') as Kind)) return false
  if (alongside !== undefined && !alongside.some((kind) => scene.alongside?.has(kind) === true)) return false
  return (
    after === undefined ||
    scene.before.some(
      ({ kind, at }) => after.kind.includes(kind) && scene.burst.first >= at && scene.burst.first - at <= after.within,
    )
  )
}

function fitsBurst(when: EventConditions, burst: Burst): boolean {
  // Most bursts are too small: that is seen first.
  if (when.sent?.from !== undefined && burst.sent < when.sent.from) return false
  if (when.received?.from !== undefined && burst.received < when.received.from) return false
  for (const measure of MEASURES) {
    const bounds = when[measure]
    if (bounds === undefined) continue
    const value = measured(burst, measure)
    if (value < (bounds.from ?? Number.NEGATIVE_INFINITY) || value > (bounds.to ?? Number.POSITIVE_INFINITY))
      return false
  }
  return true
}

function measured(burst: Burst, measure: Measure): number {
  switch (measure) {
    case 'seconds':
      return secondsOf(burst)
    case 'ratio':
      return burst.received === 0 ? Number.POSITIVE_INFINITY : burst.sent / burst.received
    case 'pace':
      return burst.sent / secondsOf(burst)
    default:
      return burst[measure]
  }
}

export function isNamed({ host, namedBy }: Pick<EventEndpoint, 'host' | 'namedBy'>): boolean {
  return host !== null && NAMES.includes(namedBy)
}

function isBelow(host: string | null, suffix: string): boolean {
  if (host === null) return false
  const lower = host.toLowerCase()
  return lower === suffix || lower.endsWith(`.${suffix}`)
}

function shapeReasons({ device, vendor, endpoint, burst, beats }: Scene): string[] {
  const length = secondsOf(burst)
  const reasons = [
    `${amount(burst.sent)} sent and ${amount(burst.received)} received in ${length === 1 ? 'one second' : `${length} seconds`}`,
  ]
  if (device !== null && device !== 'unknown') reasons.push(`the device is a ${device}`)
  else if (typeof vendor === 'string') reasons.push(`only the device's maker is known: ${vendor}`)
  if (isNamed(endpoint))
    reasons.push(SECOND_HAND.includes(endpoint.namedBy) ? 'the name is from another look-up' : 'the name is known')
  else reasons.push('no name was seen, only the owner of the network is known')
  if (beats === true) reasons.push('the device calls there at regular times')
  return reasons
}
