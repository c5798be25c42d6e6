// Merges many short real captures into one long one: all of a folder side by side, replayed by 48 virtual devices.
//   tsx test/bench/merge-real.ts --captures DIR [--dir DIR] [--bytes 500000000]
// DIR of the captures also from TELLTALE_CAPTURES.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { createCaptureFile } from './capture-file.ts'
import { captureFolder } from './make-capture.ts'
import { ethernetCapturesBelow, readClassic } from './real/read-classic.ts'
import { castRecording, type Part, type Place } from './real/recast.ts'

/** Part of the file name: raise it with every change that changes the bytes. */
const MERGER_VERSION = 1
const VIRTUAL_DEVICES = 48
/** What is held in memory and replayed; further captures are left out. */
const MAXIMUM_BASE_BYTES = 256_000_000
/**
 * Recordings start this far apart; one that is longer than two hours by its times, or runs backwards, is pulled
 * together.
 */
const START_GAP_MICROS = 2e6
const LONGEST_RECORDING_MICROS = 7200e6
/** 5 January 2026, 08:00:00 UTC. */
const START_MICROS = Date.UTC(2026, 0, 5, 8) * 1000

export type MergedCapture = { path: string; recordings: number; leftOut: number; reused: boolean } & Size

type Size = { packets: number; loops: number }

/** Why there is nothing to merge, as a sentence. */
export type Skipped = { skipped: string }

type Scene = { micros: number; part: Part; recording: number }

/** Merges the folder's captures into one of at least `bytes`, or finds it merged before. */
export function mergeReal(folder: string | undefined, outputFolder: string, bytes: number): MergedCapture | Skipped {
  if (folder === undefined) return { skipped: 'no folder of real captures given (--captures DIR or TELLTALE_CAPTURES)' }
  if (!existsSync(folder)) return { skipped: `the folder of real captures ${folder} does not exist` }
  const { taken, leftOut } = withinBase(ethernetCapturesBelow(folder))
  if (taken.length === 0) return { skipped: `no classic Ethernet capture in microseconds below ${folder}` }
  const name = join(outputFolder, `real-v${MERGER_VERSION}-${fingerprint(folder, taken)}-${bytes}bytes`)
  const [path, sizePath] = [`${name}.pcap`, `${name}.json`]
  const merged = { path, recordings: taken.length, leftOut }
  if (existsSync(path) && existsSync(sizePath))
    return { ...merged, reused: true, ...(JSON.parse(readFileSync(sizePath, 'utf8')) as Size) }
  const scenes = scenesOf(taken)
  if (scenes.length === 0) return { skipped: `the captures below ${folder} hold no packets` }
  return { ...merged, reused: false, ...writeLoops(scenes, path, sizePath, bytes) }
}

function withinBase(paths: string[]): { taken: string[]; leftOut: number } {
  const taken: string[] = []
  let total = 0
  for (const path of paths) {
    const size = statSync(path).size
    if (total + size > MAXIMUM_BASE_BYTES) continue
    total += size
    taken.push(path)
  }
  return { taken, leftOut: paths.length - taken.length }
}

/** The same for the same names and sizes. */
function fingerprint(folder: string, paths: string[]): string {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(`${relative(folder, path)} ${statSync(path).size}\n`)
  return hash.digest('hex').slice(0, 8)
}

/** All packets of all recordings in the order of time, as if the recordings had begun one shortly after the other. */
function scenesOf(paths: string[]): Scene[] {
  const scenes = paths.flatMap((path, recording) => {
    const parts = castRecording(readClassic(path))
    let last = 0
    return parts.map((part): Scene => {
      const since = part.packet.micros - parts[0].packet.micros
      if (since >= last && since <= LONGEST_RECORDING_MICROS) last = since
      return { micros: recording * START_GAP_MICROS + last, part, recording }
    })
  })
  // The sort is stable: packets of one microsecond keep their order.
  return scenes.sort((one, other) => one.micros - other.micros)
}

function writeLoops(scenes: Scene[], path: string, sizePath: string, bytes: number): Size {
  const file = createCaptureFile(path)
  const loopMicros = scenes[scenes.length - 1].micros + 1e6
  const scratch = Buffer.alloc(262_144)
  let packets = 0
  let loops = 0
  try {
    for (; file.length() < bytes; loops++) {
      for (const { micros, part, recording } of scenes) {
        const { frame, originalLength } = part.packet
        scratch.set(frame)
        for (const place of part.places) recast(scratch, place, recording, loops)
        file.write(START_MICROS + loops * loopMicros + micros, scratch.subarray(0, frame.length), originalLength)
        packets++
      }
    }
    // The size first: a capture that bears its name has it.
    writeFileSync(sizePath, JSON.stringify({ packets, loops }))
    file.finish()
  } catch (error) {
    file.abandon()
    throw error
  }
  return { packets, loops }
}

/**
 * Host h of recording r is in loop l the virtual device (r + h + l) mod 48; after 48 loops, when all have played all
 * parts, they come back with other addresses (as after a new lease), so that no flow comes twice.
 */
function recast(frame: Uint8Array, { at, what, host }: Place, recording: number, loop: number): void {
  const device = host === 0 ? 0 : 1 + ((recording + host + loop) % VIRTUAL_DEVICES)
  const round = Math.floor(loop / VIRTUAL_DEVICES) & 0xff
  switch (what) {
    case 'mac':
      frame.set([0x02, 0x77, 0, 0, 0, device], at)
      break
    case 'ipv4':
      frame.set(host === 0 ? [10, 77, 0, 1] : [10, 77, round, 10 + device], at)
      break
    case 'ipv6':
      // The prefix says what kind of address it is: only the end changes.
      frame.set([0x77, round, 0, device], at + 12)
  }
}

function main(): void {
  const { values } = parseArgs({
    options: { captures: { type: 'string' }, dir: { type: 'string' }, bytes: { type: 'string' } },
  })
  const merged = mergeReal(
    values.captures ?? process.env['TELLTALE_CAPTURES'],
    captureFolder(values.dir),
    Number(values.bytes ?? 500_000_000),
  )
  if ('skipped' in merged) console.log(`skipped: ${merged.skipped}`)
  else
    console.log(
      `${merged.path}: ${merged.reused ? 'merged before' : 'merged'}, ${merged.recordings} recordings, ${merged.loops} times, ${merged.packets} packets${merged.leftOut ? `, ${merged.leftOut} left out for size` : ''}`,
    )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
