// A capture file of given frames.
import { pcapFile } from '../../server/sample/packets/pcap-writer.ts'

/** A classic pcap with the frames a tenth of a second apart, from 5 January 2026 08:00:00 UTC on. */
export function captureOf(frames: readonly Uint8Array[], snaplen = 262_144): Uint8Array {
  const start = Date.UTC(2026, 0, 5, 8) / 1000
  const packets = frames.map((frame, index) => ({
    seconds: start + Math.floor(index / 10),
    nanos: (index % 10) * 100_000_000,
    bytes: frame.subarray(0, snaplen),
    originalLength: frame.length,
  }))
  return pcapFile({ snaplen }, packets)
}
