// Batches by hand for the tests of the traffic history.
import type { Batch, Endpoint } from '../../../server/model/batch.ts'

export function endpoint(number: number, changes: Partial<Endpoint> = {}): Endpoint {
  return {
    number,
    host: `host-${number}.example.com`,
    address: `203.0.113.${number % 256}`,
    company: `company-${number % 7}`,
    purpose: `purpose-${number % 3}`,
    country: 'DE',
    network: null,
    labels: [],
    namedBy: 'tls',
    ech: false,
    ...changes,
  }
}

export type TestCell = [second: number, device: number, endpoint: number, sent: number, received: number]

export function batch(cells: TestCell[], parts: Partial<Batch> = {}): Batch {
  return { endpoints: [], devices: [], names: [], cells: Float64Array.from(cells.flat()), ...parts }
}

/** A session's first batch: so many devices and endpoints (from 1). */
export function introduce(devices: number, endpoints: number): Batch {
  return batch([], {
    devices: Array.from({ length: devices }, (_, index) => ({ index, id: deviceName(index) })),
    endpoints: Array.from({ length: endpoints }, (_, index) => endpoint(index + 1)),
  })
}

export function deviceName(index: number): string {
  return `02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`
}
