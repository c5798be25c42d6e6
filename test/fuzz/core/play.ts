// Each kind of input on its way into a core.
import { runCalls } from './calls.ts'
import { type CoreUnderTest, ROOM } from './core-under-test.ts'
import { playFile } from './files.ts'
import type { CoreInput } from './input.ts'
import { readPayload } from './payloads.ts'

export function play(core: CoreUnderTest, input: CoreInput): void {
  core.answers.restart(input.seed)
  core.draw.restart(input.seed + 1)
  switch (input.kind) {
    case 'packets':
      for (const packet of input.packets) core.packet(packet)
      break
    case 'pcap':
    case 'pcapng':
      playFile(core, input)
      break
    case 'payload':
      readPayload(core, core.place(input.bytes), Math.min(input.bytes.length, ROOM))
      break
    default:
      core.isExact = false
      runCalls(core)
  }
}
