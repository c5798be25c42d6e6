// What the analysis says of tables that were full.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import { printAnalysis } from '../../../server/analyze/print.ts'
import { LIMITS } from '../../../server/engine/limits.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'
import { udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { CAMERA, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-limits-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function analysisOf(frames: Uint8Array[]) {
  const path = join(folder, 'capture.pcap')
  writeFileSync(
    path,
    pcapFile(
      {},
      frames.map((bytes) => ({ seconds: 1_767_600_000, bytes })),
    ),
  )
  return analyzeFile(path)
}

function announcement(number: number): Uint8Array {
  const answers = [{ name: `device-${number}.local`, type: 'A' as const, ttl: 120, data: CAMERA.address }]
  return udpFrame({
    sourceMac: CAMERA.mac,
    destinationMac: '01:00:5e:00:00:fb',
    source: CAMERA.address,
    destination: '224.0.0.251',
    sourcePort: 5353,
    destinationPort: 5353,
    payload: dns({ type: 'response', id: 0, answers }),
  })
}

test('a table that was full stands in the analysis with how often, and in its text with a sentence', async () => {
  const analysis = await analysisOf(Array.from({ length: LIMITS.mdnsNames + 7 }, (_, number) => announcement(number)))
  expect(analysis.limits).toEqual({
    evidenceValues: LIMITS.mdnsNames + 7 - LIMITS.evidenceValues,
    mdnsNames: 7,
  })
  const text = printAnalysis(analysis, null)
  expect(text).toContain('Limit: mdnsNames was reached 7 times: what came later is known in part only\n')
})

test('a hello in more pieces than are put together is said too', async () => {
  const hello = tlsHello('camera.example')
  const pieces = Array.from({ length: LIMITS.assemblySegments + 2 }, (_, at) =>
    tcpOut(CAMERA, SERVER, { payload: hello.subarray(at, at + 1), sequence: 1_000 + at }),
  )
  const analysis = await analysisOf(pieces)
  expect(analysis.limits).toEqual({ assemblySegments: 1 })
  expect(printAnalysis(analysis, null)).toContain('Limit: assemblySegments was reached once: ')
})

test('an analysis that kept everything names no limit', async () => {
  const analysis = await analysisOf([announcement(1), tcpOut(CAMERA, SERVER, { payload: tlsHello('camera.example') })])
  expect(analysis.limits).toEqual({})
  expect(printAnalysis(analysis, null)).not.toContain('Limit:')
})
