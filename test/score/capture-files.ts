// Captures of the benchmarks: where they are, and reading one of them with or without the packets that carry names.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { decode } from '../../capture/decode.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { readCaptureFile } from '../../capture/sources/file.ts'
import type { Engine } from '../../server/engine/engine.ts'
import type { NamePackets } from './name-packets.ts'

/** How the name of a capture ends. */
export const CAPTURE = /\.(pcap|pcapng|cap)(\.gz)?$/

/** Every capture in or below `path`. */
export function capturesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => CAPTURE.test(name))
    .sort()
    .map((name) => join(path, name))
}

/** Has the engine read the whole capture, but for the packets that `cut` names. */
export async function readInto(engine: Engine, path: string, cut: NamePackets | null): Promise<void> {
  const reader = new CaptureReader((frame) => {
    if (cut !== null) {
      decode(frame)
      if (cut.carriesName(frame)) return
    }
    engine.packet(frame)
  })
  await readCaptureFile(path, reader)
  engine.finish()
}
