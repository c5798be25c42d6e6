// Each hostile capture, as a process of its own, ends well, soon and small.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { LINK_TYPE, pcapFile, pcapHeader, pcapngFile } from '../../server/sample/packets/pcap-writer.ts'
import { CAMERA, ipLength, SERVER, udpOut } from '../server/engine/lab.ts'
import { analyzePrefixes, badCaptures, inTemporaryFolder, shortCaptures } from './bad-captures.ts'
import { type ProcessOutcome, runCli } from './process.ts'

const folder = realDataFolder()
if (folder === null) console.log(`skipped: ${NO_REAL_DATA}`)

const up = udpOut(CAMERA, SERVER, { payload: new Uint8Array(72) })

/** Status 0 with JSON and nothing on stderr, or 2 with one sentence. */
function expectGoodEnd(path: string, { status, signal, stdout, stderr }: ProcessOutcome): void {
  expect([path, signal, status]).toEqual([path, null, status === 2 ? 2 : 0])
  if (status === 0) {
    expect([path, stderr]).toEqual([path, ''])
    expect([path, (JSON.parse(stdout) as Analysis).schema]).toEqual([path, 1])
  } else {
    expect([path, stdout]).toEqual([path, ''])
    expect(stderr).toMatch(/^telltale: [^\n]+\n$/)
  }
}

/** Runs analyze over bytes in a file of their own. */
function analyzeInProcess(name: string, bytes: Uint8Array): Promise<ProcessOutcome> {
  return inTemporaryFolder((temporary) => {
    const path = join(temporary, name)
    writeFileSync(path, bytes)
    const outcome = runCli(['analyze', path, '--json'])
    expectGoodEnd(name, outcome)
    console.log(
      `${name}: status ${outcome.status}, ${outcome.milliseconds.toFixed(0)} ms, ${(outcome.peakKib / 1024).toFixed(1)} MiB`,
    )
    return outcome
  })
}

describe.skipIf(folder === null)('hostile captures, each as a process of its own', () => {
  test('end with status 0, or 2 and one sentence', async () => {
    const empty = await analyzeInProcess('empty.pcap', pcapHeader())
    const outcomes = badCaptures(folder!).map((path) => ({ path, outcome: runCli(['analyze', path, '--json']) }))
    for (const { path, outcome } of outcomes) expectGoodEnd(path, outcome)
    const slowest = outcomes.reduce((one, other) =>
      one.outcome.milliseconds > other.outcome.milliseconds ? one : other,
    )
    const largest = outcomes.reduce((one, other) => (one.outcome.peakKib > other.outcome.peakKib ? one : other))
    const refused = outcomes.filter(({ outcome }) => outcome.status === 2).length
    console.log(
      `${outcomes.length} hostile captures, ${refused} refused; an empty one takes ${empty.milliseconds.toFixed(0)} ms and ${(empty.peakKib / 1024).toFixed(1)} MiB`,
    )
    console.log(`slowest: ${slowest.outcome.milliseconds.toFixed(0)} ms (${slowest.path})`)
    console.log(
      `largest: ${((largest.outcome.peakKib - empty.peakKib) / 1024).toFixed(1)} MiB above the empty one (${largest.path})`,
    )
    for (const { outcome } of outcomes) expect(Number.isNaN(outcome.peakKib)).toBe(false)
  })

  test('every beginning of a hundred short captures is read', () => {
    const paths = shortCaptures(folder!, 4000)
      .filter((_, index) => index % 10 === 5)
      .slice(0, 100)
    let count = 0
    for (const path of paths) count += analyzePrefixes(path, 1)
    console.log(`${count} beginnings of ${paths.length} captures`)
    expect(count).toBeGreaterThan(10_000)
  })
})

describe('made captures, each as a process of its own', () => {
  test('one length of 0xFFFFFFFF at the start of 67 MB is refused', async () => {
    const bytes = new Uint8Array(67_000_000)
    bytes.set(pcapHeader())
    bytes.fill(0xff, 24 + 8, 24 + 12)
    expect((await analyzeInProcess('length-first.pcap', bytes)).status).toBe(2)
  })

  test('one length of 0xFFFFFFFF behind a good packet in 67 MB is a problem', async () => {
    const good = pcapFile({}, [{ seconds: 1, bytes: up }])
    const bytes = new Uint8Array(67_000_000)
    bytes.set(good)
    bytes.fill(0xff, good.length + 8, good.length + 12)
    const { status, stdout } = await analyzeInProcess('length-second.pcap', bytes)
    expect(status).toBe(0)
    expect((JSON.parse(stdout) as Analysis).capture).toMatchObject({
      packets: 1,
      problems: [{ packet: 2, offset: good.length }],
    })
  })

  test('67 MB of zeros behind a good packet are empty packets or a problem, not a crash', async () => {
    const good = pcapFile({}, [{ seconds: 1, bytes: up }])
    const bytes = new Uint8Array(67_000_000)
    bytes.set(good)
    expect((await analyzeInProcess('zeros.pcap', bytes)).status).toBe(0)
  })

  test('two packets fifty years apart', async () => {
    const { stdout } = await analyzeInProcess(
      'fifty-years.pcap',
      pcapFile({}, [
        { seconds: 0, bytes: up },
        { seconds: 1_577_836_800, bytes: up },
      ]),
    )
    expect((JSON.parse(stdout) as Analysis).capture).toMatchObject({
      first: '1970-01-01T00:00:00.000Z',
      last: '2020-01-01T00:00:00.000Z',
    })
  })

  test('a million packets with their times reversed are counted to the byte', async () => {
    const packets = Array.from({ length: 1_000_000 }, (_, index) => ({ seconds: 1_700_000_000 - index, bytes: up }))
    const { stdout } = await analyzeInProcess('reversed.pcap', pcapFile({}, packets))
    const { capture, devices } = JSON.parse(stdout) as Analysis
    expect([capture.packets, devices[0]?.sent]).toEqual([1_000_000, 1_000_000 * ipLength(up)])
    expect(devices[0]?.endpoints[0]).toMatchObject({
      first: new Date((1_700_000_000 - 999_999) * 1000).toISOString(),
      last: new Date(1_700_000_000_000).toISOString(),
    })
  })

  test('the last second of a 32-bit clock, in 2106, and a pcapng time beyond every calendar', async () => {
    const { stdout } = await analyzeInProcess(
      '2106.pcap',
      pcapFile({}, [{ seconds: 0xffffffff, nanos: 999_999_000, bytes: up }]),
    )
    expect((JSON.parse(stdout) as Analysis).capture.last).toBe('2106-02-07T06:28:15.999Z')
    const far = pcapngFile({
      blocks: [
        { kind: 'interface', interface: { resolution: { exponent: 0 } } },
        { kind: 'packet', packet: { seconds: 2 ** 53, bytes: up } },
      ],
    })
    const analysis = JSON.parse((await analyzeInProcess('far.pcapng', far)).stdout) as Analysis
    expect([analysis.capture.last, analysis.devices[0]?.sent]).toEqual([null, ipLength(up)])
  })

  test('a million packets of a link type that is not read are counted', async () => {
    const packets = Array.from({ length: 1_000_000 }, () => ({ seconds: 1, bytes: up.subarray(0, 20) }))
    const { stdout } = await analyzeInProcess('unread.pcap', pcapFile({ linkType: LINK_TYPE.radiotap }, packets))
    expect((JSON.parse(stdout) as Analysis).capture).toMatchObject({ packets: 1_000_000, ipPackets: 0 })
  })
})
