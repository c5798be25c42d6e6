// Unpacking of zstd and xz: by Node where it can, else by the system's tool as a child process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import * as zlib from 'node:zlib'
import type { Packing } from './packing.ts'

/** Bytes in, plain bytes out. */
export interface Unpacker {
  input: Writable
  output: Readable
  /** Settles when all has come out: null, or what is wrong with the packed data, or that it cannot be unpacked here. */
  ended: Promise<UnpackFault | null>
  /** Ends it at once. */
  destroy: () => void
}

export interface UnpackFault {
  /** True where the tool is missing: the file may be sound. */
  isMissing: boolean
  message: string
}

/** Packings that gzip is not: theirs unpack to far more than gzip's 1,032 bytes for one. */
export type ToolPacking = Exclude<Packing, 'gzip'>

/** Words kept of what the tool says. */
const MAX_WORDS = 200
/** The tools' own limits on memory are kept as they are for zstd (128 MiB); xz has none of its own. */
const TOOLS: Record<ToolPacking, { command: string; options: string[]; install: string }> = {
  zstd: { command: 'zstd', options: ['-d', '-c', '-q'], install: 'zstd' },
  xz: { command: 'xz', options: ['-d', '-c', '-q', '--memlimit-decompress=256MiB'], install: 'xz-utils' },
}

/** Node 22.15 and later unpack zstd themselves. */
const createZstd = (zlib as { createZstdDecompress?: () => zlib.Gunzip }).createZstdDecompress

/** Starts unpacking. `command` replaces the system's tool; tests name one that is not there. */
export function openUnpacker(packing: ToolPacking, command?: string): Unpacker {
  if (packing === 'zstd' && createZstd !== undefined && command === undefined) return openNodeZstd(createZstd())
  return openTool(packing, command ?? TOOLS[packing].command)
}

function openNodeZstd(stream: zlib.Gunzip): Unpacker {
  const ended = new Promise<UnpackFault | null>((resolve) => {
    stream.once('error', (error: Error) => resolve({ isMissing: false, message: error.message }))
    stream.once('end', () => resolve(null))
    stream.once('close', () => resolve(null))
  })
  return { input: stream, output: stream, ended, destroy: () => stream.destroy() }
}

function openTool(packing: ToolPacking, command: string): Unpacker {
  const { options, install } = TOOLS[packing]
  const child: ChildProcess = spawn(command, options, { stdio: ['pipe', 'pipe', 'pipe'] })
  // A child that could not be started for want of files has no pipes.
  const input = child.stdin ?? new PassThrough()
  const output = child.stdout ?? new PassThrough().end()
  let words = ''
  child.stderr?.on('data', (piece: Buffer) => {
    if (words.length < MAX_WORDS) words += piece.toString('latin1')
  })
  // It ends before it has read everything where its input is damaged: its own words say more than a broken pipe.
  input.on('error', () => {})
  output.on('error', () => {})
  const ended = new Promise<UnpackFault | null>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(describeStart(error, packing, command, install)))
    child.once('close', (code) => resolve(code === 0 ? null : { isMissing: false, message: printable(words, code) }))
  })
  return {
    input,
    output,
    ended,
    destroy: () => {
      input.destroy()
      output.destroy()
      if (child.pid !== undefined) child.kill('SIGKILL')
    },
  }
}

function describeStart(
  error: NodeJS.ErrnoException,
  packing: ToolPacking,
  command: string,
  install: string,
): UnpackFault {
  const message =
    error.code === 'ENOENT'
      ? `this is compressed with ${packing}, and ${command} is not installed on this machine: install it ` +
        `(package ${install}), or unpack the file first`
      : `this is compressed with ${packing}, and ${command} could not be started (${error.message})`
  return { isMissing: true, message }
}

/** The tool's first line, without what could move a terminal's cursor; else how it ended. */
function printable(words: string, code: number | null): string {
  const line = words
    .split('\n')[0]
    .replace(/[^ -~]/g, '?')
    .trim()
    .slice(0, MAX_WORDS)
  if (line !== '') return line
  return code === null ? 'it was stopped' : `it ended with status ${code}`
}

/** Writes all pieces, no faster than they are taken; ends quietly where the unpacker does. */
export async function feedUnpacker(pieces: AsyncIterable<Uint8Array>, { input, ended }: Unpacker): Promise<void> {
  let isOver = false
  void ended.then(() => (isOver = true))
  for await (const piece of pieces) {
    if (isOver || input.destroyed) return
    if (!input.write(piece)) await Promise.race([once(input, 'drain').catch(() => {}), ended])
  }
  if (!input.destroyed) input.end()
}
