// Makes the synthetic capture from a seed, the same bytes every time; made once and reused.
//   tsx test/bench/make-capture.ts [--dir DIR] [--seed 1] [--scale 1] [--steady 1] [--bytes N --flows N --devices N]
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type CaptureFile, createCaptureFile } from './capture-file.ts'
import { type QuietHomeFacts, type QuietHomeOptions, simulateQuietHome } from './home/quiet-home.ts'
import { simulateHome, type HomeFacts, type HomeOptions } from './home/simulate.ts'

/** Part of the file name: raise it with every change that changes the bytes. */
export const GENERATOR_VERSION = 2

/** Scale 1: a home of 50 devices, 20,000 flows, 500 MB. */
export const ONE_HOME: HomeOptions = { seed: 1, devices: 50, flows: 20_000, bytes: 500_000_000 }

export type MadeCapture = { path: string; facts: HomeFacts; reused: boolean }

/** A real home's shape: hundreds of hours of small packets, 528 MB of them. */
export const QUIET_HOME: QuietHomeOptions = { seed: 1, packets: 3_850_000 }

/** As `makeCapture`, of everyday traffic. */
export function makeQuietCapture(folder: string, options: QuietHomeOptions): { path: string; facts: QuietHomeFacts } {
  return makeOnce(folder, `quiet-v${GENERATOR_VERSION}-seed${options.seed}-${options.packets}packets`, (write) =>
    simulateQuietHome(options, write),
  )
}

/** Packets, flows and devices grow alike. */
export function scaled(options: HomeOptions, factor: number): HomeOptions {
  return {
    ...options,
    devices: Math.max(1, Math.round(options.devices * factor)),
    flows: Math.round(options.flows * factor),
    bytes: Math.round(options.bytes * factor),
  }
}

/** The steady state: the same devices and flows, more packets in each. */
export function steady(options: HomeOptions, factor: number): HomeOptions {
  return { ...options, bytes: Math.round(options.bytes * factor) }
}

/** Where captures go: --dir, else TELLTALE_BENCH_DIR, else the system's folder for temporary files. */
export function captureFolder(given?: string): string {
  return given ?? process.env['TELLTALE_BENCH_DIR'] ?? join(tmpdir(), 'telltale-bench')
}

/** Makes the capture, or finds it made; its facts stand beside it as JSON. */
export function makeCapture(folder: string, options: HomeOptions): MadeCapture {
  const name = `home-v${GENERATOR_VERSION}-seed${options.seed}-${options.devices}devices-${options.flows}flows-${options.bytes}bytes`
  return makeOnce(folder, name, (write) => simulateHome(options, write))
}

function makeOnce<Facts>(
  folder: string,
  name: string,
  simulate: (write: CaptureFile['write']) => Facts,
): { path: string; facts: Facts; reused: boolean } {
  const path = join(folder, `${name}.pcap`)
  const factsPath = join(folder, `${name}.json`)
  if (existsSync(path) && existsSync(factsPath))
    return { path, facts: JSON.parse(readFileSync(factsPath, 'utf8')) as Facts, reused: true }
  const file = createCaptureFile(path)
  try {
    const facts = simulate(file.write)
    // The facts first: a capture that bears its name has them.
    writeFileSync(factsPath, `${JSON.stringify(facts, null, 1)}\n`)
    file.finish()
    return { path, facts, reused: false }
  } catch (error) {
    file.abandon()
    throw error
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      seed: { type: 'string' },
      scale: { type: 'string' },
      steady: { type: 'string' },
      bytes: { type: 'string' },
      flows: { type: 'string' },
      devices: { type: 'string' },
    },
  })
  const number = (text: string | undefined, otherwise: number): number => {
    const value = text === undefined ? otherwise : Number(text)
    if (!Number.isFinite(value) || value <= 0) throw new Error(`"${text}" is not a positive number`)
    return value
  }
  const base = {
    seed: number(values.seed, ONE_HOME.seed),
    devices: number(values.devices, ONE_HOME.devices),
    flows: number(values.flows, ONE_HOME.flows),
    bytes: number(values.bytes, ONE_HOME.bytes),
  }
  const started = performance.now()
  const { path, facts, reused } = makeCapture(
    captureFolder(values.dir),
    steady(scaled(base, number(values.scale, 1)), number(values.steady, 1)),
  )
  const took = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${path}: ${reused ? 'made before' : `made in ${took} s`}, ${facts.packets} packets of ${Math.round(facts.bytes / facts.packets - 16)} bytes, ${facts.flows} flows, ${facts.devices.length} devices`,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
