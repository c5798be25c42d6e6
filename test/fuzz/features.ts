// Features of what an input reached: a mutant that reaches a new one is worth mutating again.
import type { Analysis } from '../../server/analyze/analysis.ts'

export type Features = Set<string>

/** The text with its numbers taken out: the same trouble at another byte is the same. */
export function shape(text: string): string {
  return text.replace(/0x[0-9a-f]+|[\da-f]{1,4}(:[\da-f]{0,4}){2,}|[\d.]+/g, '#').slice(0, 120)
}

/** 0, 1, 2, 4, 8 … */
export function magnitude(count: number): number {
  return count <= 0 ? 0 : 2 ** Math.floor(Math.log2(count))
}

export function featuresOf({ capture, devices, events, alerts, observed }: Analysis, features: Features): void {
  for (const { message } of capture.problems) features.add(`problem ${shape(message)}`)
  for (const type of capture.linkTypes) features.add(`link type ${type}`)
  features.add(`devices ${magnitude(devices.length)}`)
  for (const device of devices) {
    features.add(`kind ${device.kind}`)
    for (const endpoint of device.endpoints) {
      features.add(`named by ${endpoint.namedBy} ${endpoint.ech}`)
      features.add(`purpose ${endpoint.purpose}`)
      for (const label of endpoint.labels) features.add(`label ${label}`)
    }
  }
  for (const { kind } of events) features.add(`event ${kind}`)
  for (const { kind } of alerts) features.add(`alert ${kind}`)
  for (const [name, counts] of Object.entries(observed))
    features.add(`observed ${name} ${magnitude(Object.keys(counts as object).length)}`)
}
