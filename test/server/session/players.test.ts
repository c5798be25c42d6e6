// Players of recordings and of the sample at their borders: seeking, speeds, quiet, what is reported and marked.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { RecordingPlayer, type ReplayFacts } from '../../../server/session/recording-player.ts'
import { SamplePlayer } from '../../../server/session/sample-player.ts'
import type { SourceReport } from '../../../server/model/source-report.ts'
import { CAMERA, SERVER, tcpOut } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-players-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const players: { stop(): void }[] = []
afterEach(() => {
  for (const player of players.splice(0)) player.stop()
})

const frame = tcpOut(CAMERA, SERVER)
const at = (...times: number[]): Uint8Array =>
  pcapFile(
    { resolution: 'nano' },
    times.map((time) => ({
      seconds: Math.floor(time),
      nanos: Math.round((time - Math.floor(time)) * 1e9),
      bytes: frame,
    })),
  )

let files = 0
function play(bytes: Uint8Array) {
  const path = join(folder, `${files++}.pcap`)
  writeFileSync(path, bytes)
  const out: (number | string)[] = []
  const marks: number[] = []
  const flushes: [now: number, isComing: boolean][] = []
  const waiting: { condition: (facts: ReplayFacts) => boolean; resolve: (facts: ReplayFacts) => void }[] = []
  let latest: ReplayFacts | null = null
  const player = new RecordingPlayer(
    path,
    { minutes: 1, unpackedBytes: 1e9 },
    {
      packet: ({ seconds }) => out.push(seconds),
      mark: (now) => marks.push(now),
      flush: (now, _sources, isComing) => flushes.push([now, isComing]),
      finish: () => out.push('finish'),
      restart: () => out.push('restart'),
      report: (facts) => {
        latest = facts
        for (const { condition, resolve } of waiting) if (condition(facts)) resolve(facts)
      },
    },
  )
  players.push(player)
  void player.run()
  const until = (condition: (facts: ReplayFacts) => boolean): Promise<ReplayFacts> =>
    latest !== null && condition(latest)
      ? Promise.resolve(latest)
      : new Promise((resolve) => waiting.push({ condition, resolve }))
  return { player, out, marks, flushes, until, size: bytes.length, facts: () => latest as unknown as ReplayFacts }
}
const ready = async (bytes: Uint8Array) => {
  const played = play(bytes)
  await played.until(({ state }) => state === 'ready')
  return played
}
const ended = ({ state }: ReplayFacts): boolean => state === 'ended'

describe('a recording', () => {
  test('tells all it knows before it plays, at its defaults', async () => {
    const { facts, size } = await ready(at(1_000.25, 999.5, 1_003.75))
    expect(facts()).toEqual({
      state: 'ready',
      format: 'pcap',
      linkTypes: ['Ethernet'],
      bytesTotal: size,
      bytesRead: 0,
      packetsTotal: 3,
      packets: 0,
      packetsPerSecond: 0,
      secondsLeft: null,
      first: 999.5,
      last: 1_003.75,
      position: null,
      speed: 1,
      skipQuiet: true,
      problems: [],
      error: null,
    })
  })

  test('is sought to what lies in it: before is its first moment, behind a second after its last', async () => {
    const { player, until, out, marks, flushes } = await ready(at(1_000, 1_001, 1_005))
    player.control({ action: 'seek', to: 5 })
    expect((await until(({ position }) => position !== null)).position).toBe(1_000)
    expect(out).toEqual([1_000])
    player.control({ action: 'seek', to: 1_004.5 })
    await until(({ position }) => position === 1_004.5)
    expect(out).toEqual([1_000, 1_001])
    // How often depends on the machine's time.
    expect([...new Set(marks)]).toEqual([1_000, 1_004.5])
    expect([flushes.map(([now]) => now), flushes.some(([, isComing]) => isComing)]).toEqual([marks, false])
    player.control({ action: 'seek', to: 9e9 })
    const facts = await until(ended)
    expect([facts.position, facts.packets, facts.secondsLeft]).toEqual([1_006, 3, 0])
    expect(out).toEqual([1_000, 1_001, 1_005, 'finish'])
    expect(marks.at(-1)).toBe(1_006)
  })

  test('is not begun anew by seeking to where it is, and is by seeking back from there, or after its end', async () => {
    const { player, until, out } = await ready(at(1_000, 1_001, 1_002))
    player.control({ action: 'seek', to: 1_001 })
    await until(({ position }) => position === 1_001)
    player.control({ action: 'seek', to: 1_001 })
    player.control({ action: 'seek', to: 1_001.5 })
    await until(({ position }) => position === 1_001.5)
    expect(out).toEqual([1_000, 1_001])
    player.control({ action: 'seek', to: 1_001.4 })
    await until(({ position }) => position === 1_001.4)
    expect(out).toEqual([1_000, 1_001, 'restart', 1_000, 1_001])
    player.control({ action: 'seek', to: 1_003 })
    await until(ended)
    player.control({ action: 'seek', to: 1_000 })
    const facts = await until(({ state, position }) => state === 'paused' && position === 1_000)
    expect(facts.packets).toBe(1)
    expect(out.slice(5)).toEqual([1_002, 'finish', 'restart', 1_000])
  })

  test('tells the seconds that are left at its speed', async () => {
    const { player, until, facts } = await ready(at(1_000, 1_100))
    player.control({ action: 'seek', to: 1_020 })
    expect((await until(({ position }) => position === 1_020)).secondsLeft).toBe(80)
    player.control({ action: 'speed', speed: 10 })
    expect(facts().speed).toBe(10)
    player.control({ action: 'seek', to: 1_060 })
    expect((await until(({ position }) => position === 1_060)).secondsLeft).toBe(4)
    player.control({ action: 'skip-quiet', on: false })
    expect(facts().skipQuiet).toBe(false)
  })

  test('skips quiet of more than five seconds, to one before the next packet, and none where it is not wanted', async () => {
    const skipping = await ready(at(1_000, 1_030))
    skipping.player.control({ action: 'speed', speed: 10 })
    skipping.player.control({ action: 'play' })
    await skipping.until(ended)
    // Nothing between the two was ever shown.
    expect(skipping.marks.filter((mark) => mark > 1_006 && mark < 1_029)).toEqual([])
    const waiting = await ready(at(1_000, 1_015))
    waiting.player.control({ action: 'skip-quiet', on: false })
    waiting.player.control({ action: 'speed', speed: 10 })
    waiting.player.control({ action: 'play' })
    await waiting.until(ended)
    expect(waiting.marks.some((mark) => mark > 1_002 && mark < 1_014)).toBe(true)
    const short = await ready(at(1_000, 1_004.9))
    short.player.control({ action: 'speed', speed: 10 })
    short.player.control({ action: 'play' })
    await short.until(ended)
    expect(short.marks.some((mark) => mark > 1_000 && mark < 1_003.9)).toBe(true)
  })

  test('plays at the speed that is chosen', async () => {
    const { player, until } = await ready(at(1_000, 1_010))
    player.control({ action: 'skip-quiet', on: false })
    player.control({ action: 'speed', speed: 10 })
    const begin = performance.now()
    player.control({ action: 'play' })
    await until(ended)
    expect(performance.now() - begin).toBeGreaterThan(980)
  })

  test('says that more is coming while it plays, and not when it is paused or over', async () => {
    const { player, until, flushes, facts } = await ready(at(1_000, 1_001, 1_060))
    player.control({ action: 'skip-quiet', on: false })
    player.control({ action: 'play' })
    await until(({ position }) => position !== null)
    expect(flushes.at(-1)?.[1]).toBe(true)
    player.control({ action: 'pause' })
    expect([flushes.at(-1)?.[1], facts().state]).toEqual([false, 'paused'])
    player.control({ action: 'speed', speed: 'max' })
    player.control({ action: 'play' })
    await until(ended)
    expect(flushes.at(-1)).toEqual([1_061, false])
  })

  test('that is cancelled does not play again, and keeps what was read', async () => {
    const { player, until, out, facts } = await ready(at(1_000, 1_001, 1_002))
    player.control({ action: 'seek', to: 1_001 })
    await until(({ position }) => position === 1_001)
    player.control({ action: 'cancel' })
    player.control({ action: 'play' })
    player.control({ action: 'pause' })
    expect([facts().state, facts().packets, out]).toEqual(['cancelled', 2, [1_000, 1_001]])
  })

  test('takes no orders before it was looked at, nor after it failed', async () => {
    const early = play(at(1_000, 1_001))
    early.player.control({ action: 'play' })
    early.player.control({ action: 'speed', speed: 'max' })
    const { speed, state } = await early.until((facts) => facts.state === 'ready')
    expect([speed, state]).toEqual([1, 'ready'])
    const failed = play(Buffer.from('this is no capture at all, whoever says so'))
    await failed.until((facts) => facts.state === 'failed')
    failed.player.control({ action: 'play' })
    expect([failed.facts().state, failed.out]).toEqual(['failed', []])
  })

  test('of nothing is refused, and of a header alone is over at once', async () => {
    const nothing = play(new Uint8Array())
    const { error } = await nothing.until(({ state }) => state === 'failed')
    expect(error).toEqual({
      code: 'not-a-capture',
      message: expect.stringMatching(/^the file is empty: it has no bytes/) as string,
    })
    const { player, until, out } = await ready(pcapFile({}, []))
    player.control({ action: 'speed', speed: 'max' })
    player.control({ action: 'play' })
    const facts = await until(ended)
    expect([facts.first, facts.last, facts.packetsTotal, out]).toEqual([null, null, 0, ['finish']])
  })
})

describe('the sample', () => {
  test('is played for yesterday and today so far, in local time, and says how far', async () => {
    const path = join(folder, 'sample.pcap')
    const noon = 12 * 3_600
    writeFileSync(path, at(86_400 * 5 + 10, 86_400 * 5 + noon, 86_400 * 5 + noon + 60))
    const midnight = Date.parse('2026-06-10T00:00:00+02:00') / 1_000
    const clock = midnight + noon + 30
    const out: number[] = []
    const flushes: [now: number, report: SourceReport, isComing: boolean][] = []
    const marks: number[] = []
    let done = (): void => undefined
    const finished = new Promise<void>((resolve) => (done = resolve))
    const player = new SamplePlayer(
      path,
      'Europe/Berlin',
      {
        packet: ({ seconds }) => out.push(seconds - midnight),
        mark: (now) => marks.push(now - midnight),
        flush: (now, [report], isComing) => {
          flushes.push([now - midnight, report, isComing])
          if (flushes.length === 2) done()
        },
        finish: () => undefined,
        restart: () => undefined,
        report: () => undefined,
      },
      () => clock,
    )
    players.push(player)
    const run = player.run()
    await finished
    player.stop()
    await run
    const day = 86_400
    expect(out).toEqual([10 - day, noon - day, noon + 60 - day, 10, noon])
    expect([marks, flushes.map(([now]) => now)]).toEqual([
      [0, noon + 30],
      [0, noon + 30],
    ])
    expect(flushes.map(([, report, isComing]) => [report, isComing])).toEqual([
      [expect.objectContaining({ packets: 3, lastPacket: midnight + noon + 60 - day }), true],
      [
        {
          id: 'sample',
          kind: 'sample',
          title: 'Sample home',
          state: 'running',
          packets: 5,
          dropped: 0,
          lastPacket: midnight + noon,
          problem: null,
        },
        true,
      ],
    ])
  })

  test('lets a packet out once its moment is over, not in it', async () => {
    const path = join(folder, 'edge.pcap')
    writeFileSync(path, at(0, 100))
    const midnight = Date.parse('2026-06-10T00:00:00Z') / 1_000
    const count = async (clock: number): Promise<number> => {
      let packets = 0
      let flushes = 0
      const player: SamplePlayer = new SamplePlayer(
        path,
        'UTC',
        {
          packet: () => packets++,
          mark: () => undefined,
          flush: () => {
            flushes += 1
            if (flushes === 2) player.stop()
          },
          finish: () => undefined,
          restart: () => undefined,
          report: () => undefined,
        },
        () => midnight + clock,
      )
      await player.run()
      return packets - 2
    }
    expect([await count(99), await count(100), await count(100.5)]).toEqual([1, 1, 2])
  })
})
