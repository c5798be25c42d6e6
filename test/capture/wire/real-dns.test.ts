// Every DNS message of real captures is read as dns-packet reads it.
import { decode, type Packet } from 'dns-packet'
import { expect, test } from 'vitest'
import { decode as decodeFrame, PROTOCOL_UDP } from '../../../capture/decode.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { plainName, readDns, type ReadDns } from '../../support/read-dns.ts'
import { bytesOf, realCaptures } from '../../support/real-captures.ts'
import { ipText, ipBytes } from '../../../server/sample/packets/addresses.ts'

const PORTS = [53, 5353]
const TYPES = new Map([
  ['A', 1],
  ['NS', 2],
  ['CNAME', 5],
  ['SOA', 6],
  ['PTR', 12],
  ['MX', 15],
  ['TXT', 16],
  ['AAAA', 28],
  ['SRV', 33],
  ['ANY', 255],
])
const COMPARED = ['A', 'AAAA', 'CNAME', 'PTR']

/** The payloads of all UDP datagrams of the capture from or to a port of DNS that are there as a whole. */
function dnsMessagesOf(file: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = []
  const reader = new CaptureReader((frame) => {
    decodeFrame(frame)
    const isDns =
      frame.protocol === PROTOCOL_UDP && (PORTS.includes(frame.sourcePort) || PORTS.includes(frame.destinationPort))
    const isWhole =
      frame.fragmentOffset === 0 && !frame.moreFragments && frame.payloadEnd - frame.payloadAt === frame.payloadLength
    if (isDns && isWhole) messages.push(frame.bytes.slice(frame.payloadAt, frame.payloadEnd))
  })
  reader.push(file)
  reader.end()
  return messages
}

/** Questions and address, alias and pointer answers, as text. */
function linesOf(packet: Packet): string[] {
  const questions = (packet.questions ?? []).map(({ name, type }) => `? ${name} ${typeNumber(type)}`)
  const answers = (packet.answers ?? []).flatMap((answer) => {
    if (!COMPARED.includes(answer.type) || !('data' in answer)) return []
    const data =
      answer.type === 'A' || answer.type === 'AAAA' ? ipText(ipBytes(String(answer.data))) : String(answer.data)
    return [`! ${answer.name} ${typeNumber(answer.type)} ${data}`]
  })
  return [...questions, ...answers]
}

function ourLinesOf(message: ReadDns): string[] {
  const compared = COMPARED.map(typeNumber)
  return [
    ...message.questions.map(({ name, type }) => `? ${nameText(name)} ${TYPES_READ.has(type) ? type : 'other'}`),
    ...message.records
      .filter(({ section, type }) => section === 0 && compared.includes(type))
      .map(
        ({ name, type, data }) => `! ${nameText(name)} ${type} ${type === 1 || type === 28 ? data : nameText(data)}`,
      ),
  ]
}

const TYPES_READ = new Set(TYPES.values())

function typeNumber(type: string): number | 'other' {
  return TYPES.get(type) ?? 'other'
}

function nameText(name: string | null): string | null {
  return name === null ? null : plainName(name)
}

function decodedOrNull(message: Uint8Array): Packet | null {
  try {
    return decode(Buffer.from(message))
  } catch {
    return null
  }
}

const captures = realCaptures()

test.skipIf(captures === null)('reads the questions and addresses out of real messages that dns-packet reads', () => {
  const counts = { messages: 0, compared: 0, records: 0 }
  for (const capture of captures ?? []) {
    for (const message of dnsMessagesOf(bytesOf(capture))) {
      counts.messages++
      const theirs = decodedOrNull(message)
      if (theirs === null) continue
      counts.compared++
      const ours = readDns(message)
      const expected = linesOf(theirs)
      counts.records += expected.length
      expect(ours && ourLinesOf(ours), `${capture.path}: ${Buffer.from(message).toString('hex')}`).toEqual(expected)
    }
  }
  expect(counts.compared).toBeGreaterThan(5000)
  expect(counts.records).toBeGreaterThan(counts.compared)
})
