// The score of kinds counts right, wrong and unsaid kinds of labelled devices, with names and without.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TCP_SYN } from '../../capture/core/constants.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'
import { arpFrom, type Host, SERVER, tcpOut, tlsHello } from '../server/engine/lab.ts'
import type { DeviceLabel } from './kind-labels.ts'
import { sightingsOf, tableOf } from './kinds.ts'

const rules = openRules(compiledRulesFolder())
/** Blocks of Ring LLC and Nest Labs; the last half is made up. */
const RING: Host = { mac: '90:48:6c:00:00:01', address: '192.168.1.20' }
const NEST: Host = { mac: '18:b4:30:00:00:01', address: '192.168.1.21' }
const LABELS: DeviceLabel[] = [
  { device: 'Ring doorbell', path: /ring-home/, macMaker: /Ring LLC/, makers: ['ring'], kinds: ['doorbell'] },
  { device: 'Nest lock', path: /nest-home/, macMaker: /Nest Labs/, makers: ['nest'], kinds: ['lock'] },
  { device: 'busiest', path: /ring-home/, makers: ['ring'], kinds: ['doorbell'] },
]

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-kinds-'))
  const write = (name: string, ...frames: Uint8Array[]): void => {
    const records = frames.map((bytes, index) => pcapRecord({ seconds: 1_000 + index, nanos: 0, bytes }))
    writeFileSync(join(folder, name), Buffer.concat([pcapHeader({}), ...records]))
  }
  write('ring-home.pcap', arpFrom(RING), tcpOut(RING, SERVER, { payload: tlsHello('fw.ring.com') }))
  write('nest-home.pcap', arpFrom(NEST), tcpOut(NEST, SERVER, { destinationPort: 9543, flags: TCP_SYN }))
  write('unlabelled.pcap', arpFrom(RING))
  mkdirSync(join(folder, 'behaviot', 'fingerprints'), { recursive: true })
  writeFileSync(join(folder, 'behaviot', 'hosts.tsv'), 'host\tdevices\nfw.ring.com\tring-doorbell,stranger\n')
  writeFileSync(
    join(folder, 'behaviot', 'fingerprints', 'ring-doorbell.txt'),
    'DNS neu.edu 1236\nTCP wu.ring.com 901\n',
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the score of kinds', () => {
  test('is right where the maker and one of the kinds are, and wrong where another kind is said', async () => {
    const sightings = await sightingsOf(folder, rules, { withoutNames: false, labels: LABELS })
    expect(sightings).toEqual([
      expect.objectContaining({ device: 'Nest lock', makerIsRight: true, kindIsRight: false, kindIsWrong: true }),
      expect.objectContaining({ device: 'Ring doorbell', makerIsRight: true, kindIsRight: true, kindIsWrong: false }),
      expect.objectContaining({ device: 'busiest', kindIsRight: true }),
      expect.objectContaining({ device: 'behaviot ring-doorbell', makerIsRight: true, kindIsRight: true }),
    ])
    expect(tableOf(sightings).at(-1)).toBe('total maker 100.0 % kind 75.0 % wrong 25.0 %')
  })

  test('counts a kind that is not said as neither, and what is guessed beside it', async () => {
    const sightings = await sightingsOf(folder, rules, { withoutNames: true, labels: LABELS.slice(0, 1) })
    expect(sightings).toEqual([
      expect.objectContaining({ makerIsRight: true, kindIsRight: false, kindIsWrong: false, isGuessed: true }),
    ])
    expect(tableOf(sightings).at(-1)).toBe('total maker 100.0 % kind 0.0 % wrong 0.0 %')
  })
})
