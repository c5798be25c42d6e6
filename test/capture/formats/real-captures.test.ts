// Real captures are read as pcap-parser reads them, which knows classic ones in microseconds, version 2.4.
import { Readable } from 'node:stream'
import { parse } from 'pcap-parser'
import { expect, test } from 'vitest'
import { isReadable } from '../../../capture/formats/link-types.ts'
import { hexOf } from '../../support/bytes.ts'
import { readCapture, type SeenPacket } from '../../support/read-capture.ts'
import { bytesOf, realCaptures } from '../../support/real-captures.ts'

const MAGIC = ['d4c3b2a102000400', 'a1b2c3d400020004']

type TheirPacket = Omit<SeenPacket, 'timed' | 'linkType'>

function readWithPcapParser(file: Uint8Array): Promise<TheirPacket[]> {
  return new Promise((resolve, reject) => {
    const packets: TheirPacket[] = []
    parse(Readable.from([Buffer.from(file)]))
      .on('packet', ({ header, data }) => {
        // It passes on fractions beyond their second, which only damaged files have.
        const nanos = Math.min(header.timestampMicroseconds * 1000, 999_999_999)
        packets.push({
          seconds: header.timestampSeconds,
          nanos,
          originalLength: header.originalLength,
          bytes: hexOf(data),
        })
      })
      .on('end', () => resolve(packets))
      .on('error', reject)
  })
}

const captures = realCaptures()

test.skipIf(captures === null)(
  'gives the packets of real classic captures the lengths, times and bytes that pcap-parser gives them',
  async () => {
    let files = 0
    for (const capture of captures ?? []) {
      const file = bytesOf(capture)
      if (!MAGIC.includes(hexOf(file.subarray(0, 8)))) continue
      files++
      const theirs = await readWithPcapParser(file)
      const { packets, reader } = readCapture(file)
      expect(reader.packets, capture.path).toBe(theirs.length)
      const linkType = reader.linkTypes[0]
      const isSame = packets.every((packet, index) => isSamePacket(packet, theirs[index]))
      if (!isSame || (isReadable(linkType) && packets.length !== theirs.length)) {
        expect(packets, capture.path).toEqual(theirs.map((packet) => ({ ...packet, timed: true, linkType })))
      }
    }
    expect(files).toBeGreaterThan(1000)
  },
)

function isSamePacket(one: TheirPacket, other: TheirPacket): boolean {
  return (
    one.seconds === other.seconds &&
    one.nanos === other.nanos &&
    one.originalLength === other.originalLength &&
    one.bytes === other.bytes
  )
}
