// Bytes put into the memory of the packet core of readers, where these read them in place.
import { readerCore, ReaderMemory } from '../../capture/reader-core.ts'
import type { Embedded } from './damage.ts'

let memory: ReaderMemory | null = null

/** The same bytes, guards included, in the core's memory: until the next call, or the memory grows. */
export function inCore({ bytes, at, end }: Embedded): Embedded {
  const core = readerCore()
  memory ??= new ReaderMemory(core)
  const address = memory.place(bytes, 0, bytes.length)
  return { bytes: core.bytes, at: address + at, end: address + end }
}
