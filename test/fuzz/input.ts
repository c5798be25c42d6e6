// Inputs of the fuzzing of the whole product: captures, logs, state files and orders, one after the other.
import { readFileSync, writeFileSync } from 'node:fs'
import type { TextFormat } from '../../capture/logs/formats.ts'
import type { ExporterKind } from './datagrams.ts'

/** Files of the state folder that are opened before anything is read. */
export const STATE_FILES = [
  'settings.json',
  'decisions.json',
  'devices.json',
  'access.json',
  'alerts.json',
  'events.json',
  'alert-evidence.json',
  'channels.json',
  'history.db',
] as const
export type StateFileName = (typeof STATE_FILES)[number]

/** What the owner, the machine and its clock do between two captures. */
export const ORDERS = [
  'forget',
  'renew',
  'restart',
  'totals',
  'companies',
  'everything',
  'paused',
  'ignore',
  'it-was-me',
  'expected',
  'mute',
  'ask',
  'a source fails',
  'a source works',
  'a minute later',
  'an hour later',
  'a month later',
  'three years later',
  'an hour earlier',
  'a year earlier',
] as const
export type Order = (typeof ORDERS)[number]

export type Step =
  | { kind: 'capture'; bytes: Uint8Array }
  | { kind: 'log'; format: TextFormat; bytes: Uint8Array }
  | { kind: 'datagrams'; exporter: ExporterKind; bytes: Uint8Array }
  /** What a gateway's shell writes of its connections. */
  | { kind: 'connections'; bytes: Uint8Array }
  | { kind: 'state'; file: StateFileName; bytes: Uint8Array }
  | { kind: 'order'; order: Order }

export interface Input {
  steps: readonly Step[]
}

export function sizeOf({ steps }: Input): number {
  return steps.reduce((sum, step) => sum + ('bytes' in step ? step.bytes.length : 0), 0)
}

/** "capture of 1200 bytes, forget, log (zeek) of 80 bytes" */
export function describeInput({ steps }: Input): string {
  const words = steps.map((step) => {
    if (step.kind === 'order') return step.order
    return `${nameOf(step)} of ${step.bytes.length} bytes`
  })
  return words.join(', ')
}

function nameOf(step: Exclude<Step, { kind: 'order' }>): string {
  switch (step.kind) {
    case 'capture':
    case 'connections':
      return step.kind
    case 'log':
      return `log (${step.format})`
    case 'datagrams':
      return `datagrams (${step.exporter})`
    case 'state':
      return step.file
  }
}

/** As JSON, with bytes in base64: what `--replay` reads. */
export function writeInput(path: string, input: Input, facts: Record<string, unknown> = {}): void {
  const steps = input.steps.map((step) =>
    'bytes' in step ? { ...step, bytes: Buffer.from(step.bytes).toString('base64') } : step,
  )
  writeFileSync(path, `${JSON.stringify({ ...facts, steps })}\n`)
}

/** An input that `writeInput` wrote, or a capture file as it is. */
export function readInput(path: string): Input {
  const bytes = readFileSync(path)
  if (bytes[0] !== 0x7b) return { steps: [{ kind: 'capture', bytes: new Uint8Array(bytes) }] }
  const { steps } = JSON.parse(bytes.toString('utf8')) as { steps: (Record<string, unknown> & { bytes?: string })[] }
  return {
    steps: steps.map((step) =>
      step.bytes === undefined ? step : { ...step, bytes: new Uint8Array(Buffer.from(step.bytes, 'base64')) },
    ) as unknown as Step[],
  }
}
