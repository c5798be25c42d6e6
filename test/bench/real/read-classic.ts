// A small reader of classic captures, independent of the one that is measured.
import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LINK_TYPE } from '../../../server/sample/packets/pcap-writer.ts'

export type RecordedPacket = { micros: number; frame: Uint8Array; originalLength: number }

const HEADER = 24
const RECORD_HEADER = 16
const LONGEST_RECORD = 262_144
/** As the first four bytes stand in the file; microseconds only. */
const LITTLE_ENDIAN = 0xd4c3b2a1
const BIG_ENDIAN = 0xa1b2c3d4

/** Every file below the folder that is a classic Ethernet capture in microseconds, sorted by name. */
export function ethernetCapturesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isEthernetCapture)
    .sort()
}

function isEthernetCapture(path: string): boolean {
  const header = Buffer.alloc(HEADER)
  const file = openSync(path, 'r')
  try {
    return readSync(file, header, 0, HEADER, 0) === HEADER && linkTypeOf(header) === LINK_TYPE.ethernet
  } finally {
    closeSync(file)
  }
}

function linkTypeOf(header: Buffer): number | null {
  const magic = header.readUInt32BE(0)
  if (magic !== LITTLE_ENDIAN && magic !== BIG_ENDIAN) return null
  // The upper half may hold the length of a check sequence.
  return (magic === LITTLE_ENDIAN ? header.readUInt32LE(20) : header.readUInt32BE(20)) & 0xffff
}

/** The packets up to the end, or to the first record that cannot be true. */
export function readClassic(path: string): RecordedPacket[] {
  const bytes = readFileSync(path)
  const little = bytes.readUInt32BE(0) === LITTLE_ENDIAN
  const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const packets: RecordedPacket[] = []
  for (let at = HEADER; at + RECORD_HEADER <= bytes.length;) {
    const length = u32(at + 8)
    if (length > LONGEST_RECORD || at + RECORD_HEADER + length > bytes.length) break
    const frame = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length)
    packets.push({ micros: u32(at) * 1e6 + u32(at + 4), frame, originalLength: u32(at + 12) })
    at += RECORD_HEADER + length
  }
  return packets
}
