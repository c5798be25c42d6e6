// What real exporters sent (softflowd, pmacct), decoded as tshark decodes it.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decode } from '../../../capture/decode.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { Collector } from '../../support/flow-exports.ts'
import { realDataFolder } from '../../support/real-data.ts'

const folder = realDataFolder()
const file = folder === null ? null : join(folder, 'exporters', 'netflow-all.pcap')
const PORTS = [9995, 9996, 9997, 9998, 9999]

function hasTshark(): boolean {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.info('no tshark: what real exporters sent is not compared')
    return false
  }
}

function decodedOf(path: string, port: number): Collector {
  const collector = new Collector()
  const reader = new CaptureReader((captured) => {
    decode(captured)
    if (captured.destinationPort !== port) return
    const bytes = captured.bytes.slice(captured.payloadAt, captured.payloadEnd)
    const sender = { address: '127.0.0.1', port: captured.sourcePort }
    collector.take(bytes, captured.seconds + captured.nanos / 1e9, sender)
  })
  reader.push(readFileSync(path))
  reader.end()
  return collector
}

/** The bytes of all records, of both directions. */
function tsharkSum(path: string, port: number): number {
  const ports = PORTS.flatMap((one) => ['-d', `udp.port==${one},cflow`])
  const wanted = ['-Y', `udp.dstport==${port}`, '-T', 'fields', '-e', 'cflow.octets']
  const text = execFileSync('tshark', ['-r', path, ...ports, ...wanted], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text.split(/[\n,]/).reduce((sum, number) => sum + Number(number), 0)
}

test.skipIf(file === null || !hasTshark())('what real exporters sent adds up to what tshark reads', () => {
  for (const port of PORTS) {
    const collector = decodedOf(file as string, port)
    expect([port, collector.flows.length > 10]).toEqual([port, true])
    // Of a v9 header whose count is too low tshark leaves out what stands behind: here the template of IPv6.
    const isCut = port === 9996
    const read = collector.flows.filter(({ client }) => !isCut || !client.includes(':'))
    const sum = read.reduce((bytes, { bytesUp }) => bytes + bytesUp, 0)
    expect([port, sum]).toEqual([port, tsharkSum(file as string, port)])
    const { unread, lost, pending, books } = collector.decoder
    expect([port, unread, lost, pending.size, books.repeated]).toEqual([
      port,
      { damaged: 0, copies: 0, sflow: 0, other: 0 },
      0,
      0,
      0,
    ])
  }
})
