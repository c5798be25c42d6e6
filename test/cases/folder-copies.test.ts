// Copies in a folder of captures that a live home reads: counted once, as in the same file under analyze.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Overview, TrafficStatus } from '../../server/api.ts'
import { planOfArgument } from '../../server/settings/source-plan.ts'
import { COOKED2, cooked2, ETHERNET, framed, pcap, pcapng, PLUG, segment } from '../support/copied-packets.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { eventually, startHome, type TestHome } from '../support/running.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-folder-copies-'))
const homes: TestHome[] = []
afterAll(async () => {
  for (const home of homes) await home.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A home whose live source is a folder; `sentAfter` puts captures there. */
async function openFolder(): Promise<{ captures: string; home: TestHome }> {
  const place = join(folder, String(homes.length))
  const captures = join(place, 'captures')
  mkdirSync(captures, { recursive: true })
  const sources = [planOfArgument(`folder:${captures}`)]
  const home = await startHome({ stateFolder: join(place, 'state'), sources })
  homes.push(home)
  return { captures, home }
}

/** What the device with the MAC has sent, once the source has read so many packets and their seconds are over. */
async function sentAfter({ client }: TestHome, packets: number, mac: string, wanted: number): Promise<number> {
  await eventually(
    () => client.get<TrafficStatus>('/api/traffic/live/status'),
    ({ sources: [source] }) => source?.packets === packets,
  )
  const sent = async (): Promise<number> => {
    const { devices } = await client.get<Overview>(`/api/traffic/live/overview?from=0&to=${2 ** 32}`)
    return devices.find(({ id }) => id === mac)?.sent ?? 0
  }
  // The last second is handed on behind its packets: too much shows, too little stays.
  return await eventually(sent, (bytes) => bytes >= wanted)
}

type Copies = (packet: Uint8Array, at: number) => { at: number; bytes: Uint8Array; interface?: number }[]

describe('a folder of captures', () => {
  test.each<[string, number | null, Copies]>([
    [
      'a bridge and its port in "any"',
      COOKED2,
      (packet, at) => [
        { at, bytes: cooked2(3, 0, packet) },
        { at: at + 20, bytes: cooked2(5, 0, packet) },
      ],
    ],
    [
      'a mirror of both directions',
      ETHERNET,
      (packet, at) => [
        { at, bytes: framed(packet) },
        { at: at + 15, bytes: framed(packet) },
      ],
    ],
    [
      'two interfaces of one pcapng',
      null,
      (packet, at) => [
        { at, bytes: framed(packet), interface: 0 },
        { at: at + 40, bytes: framed(packet), interface: 1 },
      ],
    ],
  ])('with %s counts each packet once', async (_, linkType, copies) => {
    const { captures, home } = await openFolder()
    const talk = Array.from({ length: 10 }, (_, index) => segment({ id: 100 + index, sequence: 1_000 * index }))
    const records = talk.flatMap((packet, index) => copies(packet, 10_000 * index))
    writeFileSync(join(captures, 'home.pcap'), linkType === null ? pcapng(2, records) : pcap(linkType, records))
    const wanted = talk.reduce((sum, { length }) => sum + length, 0)
    expect(await sentAfter(home, records.length, PLUG.mac, wanted)).toBe(wanted)
  })

  const data = realDataFolder()
  if (data === null) console.log(`skipped: ${NO_REAL_DATA}`)
  test.skipIf(data === null)('of a real "any" with a bridge and its port counts each packet once', async () => {
    const { captures, home } = await openFolder()
    const file = join(data as string, 'cases/03-folder-any-doubled/any-bridge-port.pcap')
    copyFileSync(file, join(captures, 'any.pcap'))
    expect(await sentAfter(home, 52, 'a4:da:22:00:00:10', 29_010)).toBe(29_010)
  })
})
