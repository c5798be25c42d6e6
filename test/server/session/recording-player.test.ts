// Tests of the recording player: the chosen speed, the chosen moment, and its limits.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import type { Frame } from '../../../capture/frame.ts'
import { RecordingPlayer, type ReplayFacts, type Sink } from '../../../server/session/recording-player.ts'
import { pcapFile, pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { CAMERA, SERVER, tcpOut } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-player-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const frame = tcpOut(CAMERA, SERVER)
/** A packet a second from second 1000 on. */
const recording = (seconds: number): Uint8Array =>
  pcapFile(
    {},
    Array.from({ length: seconds }, (_, index) => ({ seconds: 1000 + index, bytes: frame })),
  )

interface Played {
  player: RecordingPlayer
  /** Capture seconds of the packets, in the order they came out; "restart" and "finish" between them. */
  out: (number | string)[]
  facts: () => ReplayFacts
  /** Resolves with the first report for which the condition holds. */
  until: (condition: (facts: ReplayFacts) => boolean) => Promise<ReplayFacts>
}

let files = 0
function play(
  bytes: Uint8Array,
  limits = { minutes: 1, unpackedBytes: 1e9 },
  said: Pick<Sink, 'linkNotices' | 'linkProblems'> = {},
): Played {
  const path = join(folder, `${files++}.pcap`)
  writeFileSync(path, bytes)
  const out: (number | string)[] = []
  let latest: ReplayFacts | null = null
  const waiting: { condition: (facts: ReplayFacts) => boolean; resolve: (facts: ReplayFacts) => void }[] = []
  const sink: Sink = {
    ...said,
    packet: ({ seconds }: Frame) => out.push(seconds),
    mark: () => {},
    flush: () => {},
    finish: () => out.push('finish'),
    restart: () => out.push('restart'),
    report: (facts) => {
      latest = facts
      for (const { condition, resolve } of waiting) if (condition(facts)) resolve(facts)
    },
  }
  const player = new RecordingPlayer(path, limits, sink)
  void player.run()
  return {
    player,
    out,
    facts: () => latest as ReplayFacts,
    until: (condition) =>
      latest !== null && condition(latest)
        ? Promise.resolve(latest)
        : new Promise((resolve) => waiting.push({ condition, resolve })),
  }
}

const isReady = ({ state }: ReplayFacts): boolean => state === 'ready'
const hasEnded = ({ state }: ReplayFacts): boolean => state === 'ended'
const hasFailed = ({ state }: ReplayFacts): boolean => state === 'failed'

describe('a recording', () => {
  test('reports before it starts what it holds', async () => {
    const { player, until, out } = play(recording(10))
    const facts = await until(isReady)
    expect(facts).toMatchObject({
      format: 'pcap',
      linkTypes: ['Ethernet'],
      packetsTotal: 10,
      first: 1000,
      last: 1009,
      packets: 0,
    })
    expect(out).toEqual([])
    player.stop()
  })

  test('plays every packet once at the highest speed', async () => {
    const { player, until, out } = play(recording(10))
    await until(isReady)
    player.control({ action: 'speed', speed: 'max' })
    player.control({ action: 'play' })
    const facts = await until(hasEnded)
    expect(out).toEqual([1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 'finish'])
    expect(facts).toMatchObject({ packets: 10, secondsLeft: 0 })
    player.stop()
  })

  test('goes forward to a moment without starting again, and back by starting again', async () => {
    const { player, until, out } = play(recording(10))
    await until(isReady)
    player.control({ action: 'seek', to: 1005 })
    await until(({ position }) => position === 1005)
    expect(out).toEqual([1000, 1001, 1002, 1003, 1004, 1005])
    player.control({ action: 'seek', to: 1002 })
    await until(({ position }) => position === 1002)
    expect(out.slice(6)).toEqual(['restart', 1000, 1001, 1002])
    player.stop()
  })

  test('plays again from the start when played after its end', async () => {
    const { player, until, out } = play(recording(3))
    await until(isReady)
    player.control({ action: 'speed', speed: 'max' })
    player.control({ action: 'play' })
    await until(hasEnded)
    player.control({ action: 'play' })
    await until(({ state }) => state === 'playing')
    await until(hasEnded)
    expect(out).toEqual([1000, 1001, 1002, 'finish', 'restart', 1000, 1001, 1002, 'finish'])
    player.stop()
  })

  test('skips an hour of quiet where the person wants it', async () => {
    const { player, until, out } = play(
      pcapFile({}, [
        { seconds: 1000, bytes: frame },
        { seconds: 4600, bytes: frame },
      ]),
    )
    await until(isReady)
    player.control({ action: 'speed', speed: 100 })
    player.control({ action: 'play' })
    await until(hasEnded)
    expect(out).toEqual([1000, 4600, 'finish'])
    player.stop()
  })

  test('waits where it is paused', async () => {
    const { player, until, out } = play(recording(3))
    await until(isReady)
    player.control({ action: 'pause' })
    player.control({ action: 'seek', to: 1001 })
    await until(({ position }) => position === 1001)
    expect(out).toEqual([1000, 1001])
    player.stop()
  })

  test('names the packet at which a damaged file ends, and keeps what came before', async () => {
    const { player, until, out } = play(recording(3).subarray(0, -20))
    await until(isReady)
    player.control({ action: 'speed', speed: 'max' })
    player.control({ action: 'play' })
    const { problems } = await until(hasEnded)
    expect(out).toEqual([1000, 1001, 'finish'])
    expect(problems[0]).toMatchObject({ packet: 3 })
    player.stop()
  })

  test('is refused with a sentence where it is no capture', async () => {
    const { until } = play(Buffer.from('hello, this is no capture'))
    const { error } = await until(hasFailed)
    expect(error).toEqual({ code: 'not-a-capture', message: expect.stringContaining('this is no capture') as string })
  })

  test('is refused where a small gzip file holds far more than is allowed', async () => {
    const packet = pcapRecord({ seconds: 1000, bytes: new Uint8Array(1500) })
    const bomb = gzipSync(Buffer.concat([pcapHeader({}), ...Array.from({ length: 20_000 }, () => packet)]))
    expect(bomb.length).toBeLessThan(200_000)
    const { until } = play(bomb, { minutes: 1, unpackedBytes: 5e6 })
    const { error } = await until(hasFailed)
    expect(error?.code).toBe('recording-too-large')
  })

  test('says at its end how its packets were read, and what of them could not be', async () => {
    const said = { linkNotices: () => ['3 packets are in TZSP'], linkProblems: () => ['2 packets are encrypted'] }
    const { player, until } = play(recording(3), { minutes: 1, unpackedBytes: 1e9 }, said)
    expect((await until(isReady)).notices).toBeUndefined()
    player.control({ action: 'speed', speed: 'max' })
    player.control({ action: 'play' })
    const { notices, problems } = await until(hasEnded)
    expect(notices).toEqual(['3 packets are in TZSP'])
    expect(problems).toEqual([{ packet: 0, offset: 0, message: '2 packets are encrypted' }])
    player.stop()
  })

  test('ends when it is stopped in the middle', async () => {
    const { player, until } = play(recording(5_000))
    await until(isReady)
    player.control({ action: 'play' })
    await until(({ state }) => state === 'playing')
    player.control({ action: 'cancel' })
    expect((await until(({ state }) => state === 'cancelled')).packets).toBeLessThan(5_000)
    player.stop()
  })
})
