// A small home's traffic as packets, recorded in any encapsulation, and what the analysis says of it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import { Engine } from '../../server/engine/engine.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { READ_TO_ENGINE } from '../../capture/core/constants.ts'
import { BindingNumber, RowNumber } from '../../server/engine/row-table.ts'
import { ethernet, ETHERTYPE, ip, PROTOCOL, tcp } from '../../server/sample/packets/packet-builder.ts'
import { pcapFile } from '../../server/sample/packets/pcap-writer.ts'

export const CAMERA = { mac: 'a4:da:22:00:00:10', ip: '192.168.1.10', ip6: '2001:db8:1::10' }
export const GATEWAY = { mac: '02:00:00:00:00:01', ip: '192.168.1.1' }
export const CLOUD = { ip: '203.0.113.9', ip6: '2001:db8:ffff::9' }
const SIZES = [
  { up: 700, down: 40 },
  { up: 1_300, down: 0 },
  { up: 20, down: 400 },
]

/** One packet of the talk between the camera and a server on the internet. */
export interface Spoken {
  packet: Uint8Array
  isUp: boolean
}

/** Packets up and down, with payloads of several lengths; `version` of IP. */
export function talk(version: 4 | 6 = 4): Spoken[] {
  const [home, cloud] = version === 4 ? [CAMERA.ip, CLOUD.ip] : [CAMERA.ip6, CLOUD.ip6]
  let sequence = 1
  return SIZES.flatMap(({ up, down }) =>
    [
      { isUp: true, length: up },
      { isUp: false, length: down },
    ].map(({ isUp, length }) => {
      const [source, destination] = isUp ? [home, cloud] : [cloud, home]
      const [sourcePort, destinationPort] = isUp ? [50_000, 443] : [443, 50_000]
      const segment = tcp({
        source,
        destination,
        sourcePort,
        destinationPort,
        sequence: (sequence += 2_000),
        payload: new Uint8Array(length),
      })
      return { packet: ip(source, destination, PROTOCOL.tcp, segment, { identification: sequence }), isUp }
    }),
  )
}

/** What the camera sent to and received from the internet by IP's own lengths. */
export function bytesOf(spoken: readonly Spoken[]): { sent: number; received: number } {
  const sum = (isUp: boolean): number =>
    spoken.filter((one) => one.isUp === isUp).reduce((total, { packet }) => total + packet.length, 0)
  return { sent: sum(true), received: sum(false) }
}

/** The packet between the camera and the gateway on Ethernet. */
export function onEthernet({ packet, isUp }: Spoken): Uint8Array {
  const [source, destination] = isUp ? [CAMERA.mac, GATEWAY.mac] : [GATEWAY.mac, CAMERA.mac]
  return ethernet(source, destination, packet[0] >> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4, packet)
}

export function capture(linkType: number, frames: readonly Uint8Array[]): Uint8Array {
  return pcapFile(
    { linkType },
    frames.map((bytes, index) => ({ seconds: 1_767_600_000 + index, bytes })),
  )
}

/** What `telltale analyze` says of the bytes of a capture. */
export async function analysisOf(bytes: Uint8Array): Promise<Analysis> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-links-'))
  try {
    const path = join(folder, 'home.pcap')
    writeFileSync(path, bytes)
    return await analyzeFile(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every IP byte of the capture, by where it counts: to and from the internet, at home, passing by, of tunnels. */
export function sumsOf(bytes: Uint8Array): Record<'ip' | 'internet' | 'local' | 'transit' | 'tunnels', number> {
  const engine = new Engine()
  const reader = new CaptureReader({ core: engine.core, mode: READ_TO_ENGINE })
  reader.push(bytes)
  reader.end()
  engine.finish()
  let internet = 0
  for (let row = 0; row < engine.rows.used; row++)
    internet += engine.rows.number(row, RowNumber.Sent) + engine.rows.number(row, RowNumber.Received)
  let local = 0
  for (let binding = 0; binding < engine.ownership.bindingsUsed; binding++)
    local += engine.rows.bindingNumber(binding, BindingNumber.SentLocal)
  return { ip: engine.ipBytes, internet, local, transit: engine.transitBytes, tunnels: engine.tunnelBytes }
}
