// Types of pcap-parser, which brings none.
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events'
  import type { Readable } from 'node:stream'

  export type PacketHeader = {
    timestampSeconds: number
    timestampMicroseconds: number
    capturedLength: number
    originalLength: number
  }

  /** Emits 'globalHeader', 'packetHeader', 'packetData', 'packet' ({ header, data }), 'end' and 'error'. */
  export function parse(input: string | Readable): EventEmitter
}
