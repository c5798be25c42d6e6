// A capture that must raise an alert.
import { arpFrom, dnsAnswerA, type Host, OTHER_SERVER, PHONE, SERVER, tcpOut, tlsHello } from '../server/engine/lab.ts'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'

/** A device that sends a company 1.2 MB within a minute that should be quiet. */
export function loudUpload(from: Host, start: number): Uint8Array {
  const records: Uint8Array[] = [pcapHeader({})]
  const put = (seconds: number, bytes: Uint8Array): void => {
    records.push(pcapRecord({ seconds, nanos: 1000, bytes }))
  }
  for (const bytes of [
    arpFrom(from),
    dnsAnswerA(from, 'clips.wyze.com', SERVER),
    tcpOut(from, SERVER, { payload: tlsHello('clips.wyze.com') }),
    arpFrom(PHONE),
    tcpOut(PHONE, OTHER_SERVER),
  ])
    put(start, bytes)
  const payload = new Uint8Array(1_400)
  for (let second = 1; second <= 60; second++)
    for (let packet = 0; packet < 20; packet++) put(start + second, tcpOut(from, SERVER, { payload }))
  put(start + 120, tcpOut(PHONE, OTHER_SERVER))
  return Buffer.concat(records)
}
