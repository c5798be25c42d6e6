// What do the tests of the books share? Batches by hand, a temporary folder, and the plain model they are held against.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Batch, Endpoint } from '../../../server/session/batch.ts'

export function endpoint(number: number, changes: Partial<Endpoint> = {}): Endpoint {
  return {
    number, host: `host-${number}.example.com`, address: `203.0.113.${number % 256}`, company: `company-${number % 7}`, purpose: `purpose-${number % 3}`,
    country: 'DE', network: null, labels: [], namedBy: 'tls', ech: false, ...changes,
  }
}

export type TestCell = [second: number, device: number, endpoint: number, sent: number, received: number]

export function batch(cells: TestCell[], parts: Partial<Batch> = {}): Batch {
  return { endpoints: [], devices: [], names: [], cells: Float64Array.from(cells.flat()), ...parts }
}

/** What a session says first: so many devices and endpoints (from 1). */
export function introduce(devices: number, endpoints: number): Batch {
  return batch([], {
    devices: Array.from({ length: devices }, (_, index) => ({ index, id: deviceName(index) })),
    endpoints: Array.from({ length: endpoints }, (_, index) => endpoint(index + 1)),
  })
}

export function deviceName(index: number): string {
  return `02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`
}

const folders: string[] = []

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-history-'))
  folders.push(folder)
  return folder
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Names of the files under a folder that contain any of the byte strings. */
export function filesContaining(folder: string, needles: Buffer[]): string[] {
  const found: string[] = []
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name)
    if (!statSync(path).isFile()) continue
    const bytes = readFileSync(path)
    for (const needle of needles) if (bytes.includes(needle)) found.push(`${name}: ${needle.toString('latin1')}`)
  }
  return found
}
