// A tcpdump that holds packets back is made to write them, only where that tears nothing, and else is not used so.
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { captureSocketSource, serveCapture } from '../../../capture/sources/capture-socket.ts'
import { RestartingSource, type StreamEvents } from '../../../capture/sources/restarting-source.ts'
import type { PacketSource, SourceEvents } from '../../../capture/sources/source.ts'
import { flush, type FlushResult, Flusher, mayFlush } from '../../../capture/sources/tcpdump-flush.mjs'
import { tcpdumpSource } from '../../../capture/sources/tcpdump.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { Cable, childrenNamed, until, whyNoNamespaces } from './network-namespace.ts'

const why = whyNoNamespaces('bash')
if (why !== null) console.log(`skipped: ${why}`)
const folder = mkdtempSync(join(tmpdir(), 'telltale-flush-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sources: PacketSource[] = []
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop()
})

/** A program in place of tcpdump. */
function standIn(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, script)
  chmodSync(path, 0o755)
  return path
}

function begin(make: (events: SourceEvents) => PacketSource): { source: PacketSource; gaps: [number, number][] } {
  const gaps: [number, number][] = []
  const source = make({
    openReader: () => new CaptureReader(() => {}),
    onGap: (from, to) => void gaps.push([from, to]),
  })
  sources.push(source)
  source.start()
  return { source, gaps }
}

/** A child that is said to be flushed, busy or closed to us. */
function flushed(results: FlushResult[]): { flusher: Flusher; at: number[]; isUnable: () => boolean } {
  const at: number[] = []
  let isUnable = false
  const flusher = new Flusher(
    { pid: 1, exitCode: null, signalCode: null },
    {
      onUnable: () => (isUnable = true),
      flushWith: () => {
        at.push(Date.now())
        return results.length > 1 ? (results.shift() as FlushResult) : results[0]
      },
    },
  )
  return { flusher, at, isUnable: () => isUnable }
}

describe('a flusher', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
  afterEach(() => void vi.useRealTimers())

  test('flushes once a second, and four times while somebody looks', async () => {
    const { flusher, at } = flushed(['flushed'])
    flusher.noteBytes()
    await vi.advanceTimersByTimeAsync(2200)
    const calm = at.length
    flusher.setWatched(true)
    await vi.advanceTimersByTimeAsync(2000)
    flusher.stop()
    expect(calm).toBeLessThanOrEqual(4)
    expect(calm).toBeGreaterThanOrEqual(2)
    expect(at.length - calm).toBeGreaterThanOrEqual(7)
    expect(at.length - calm).toBeLessThanOrEqual(9)
  })

  test('gives up where nothing comes after the signal, or where it may not know what the child does', async () => {
    const silent = flushed(['busy', 'flushed'])
    const denied = flushed(['denied'])
    const able = flushed(['flushed'])
    await vi.advanceTimersByTimeAsync(200)
    able.flusher.noteBytes()
    expect(denied.isUnable()).toBe(true)
    expect(silent.isUnable()).toBe(false)
    await vi.advanceTimersByTimeAsync(1200)
    expect(silent.isUnable()).toBe(true)
    expect(able.isUnable()).toBe(false)
    for (const { flusher } of [silent, able]) flusher.stop()
  })

  test('never signals a process that does not wait for packets', async () => {
    const child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' })
    await sleep(100)
    const results = Array.from({ length: 50 }, () => flush(child.pid as number))
    await sleep(100)
    // SIGUSR2 would have ended it, and SIGSTOP alone would have left it stopped.
    expect(child.signalCode).toBe(null)
    expect(readFileSync(`/proc/${child.pid}/stat`, 'latin1')).toMatch(/\) R /)
    expect(new Set(results)).toEqual(new Set(['busy']))
    child.kill('SIGKILL')
  })
})

describe.skipIf(!mayFlush())('a tcpdump that', () => {
  const old = (behaviour: string): string => `#!/usr/bin/env python3
import select, signal, sys, os
log = open(${JSON.stringify(join(folder, 'runs'))}, 'a')
log.write(' '.join(sys.argv[1:]) + '\\n'); log.close()
head = bytes.fromhex('d4c3b2a1020004000000000000000000400600000100000' + '0')
if '-U' in sys.argv: os.write(1, head)
${behaviour}
p = select.poll()
while True: p.poll(100000)
`
  test.each([
    ['dies of the signal', ''],
    ['does nothing at the signal', 'signal.signal(signal.SIGUSR2, lambda *_: None)'],
  ])('%s is run with -U, and nobody notices', async (_, behaviour) => {
    rmSync(join(folder, 'runs'), { force: true })
    const problems: (string | null)[] = []
    const { source } = begin((events) =>
      tcpdumpSource('lo', events, standIn(`tcpdump-${behaviour.length}`, old(behaviour))),
    )
    await until(() => {
      problems.push(source.status().problem)
      return source.status().state === 'running'
    }, 'capture runs')
    expect(problems.filter((one) => one !== null)).toEqual([])
    const runs = readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n')
    expect(runs.map((one) => one.includes('-U'))).toEqual([false, true])
  })
})

describe('the gap of a killed capture', () => {
  function stream(): { events: StreamEvents; source: PacketSource; gaps: [number, number][] } {
    const opened: StreamEvents[] = []
    const { source, gaps } = begin(
      (events) =>
        new RestartingSource(
          (stream) => {
            opened.push(stream)
            return { stop: () => Promise.resolve() }
          },
          events,
          () => null,
        ),
    )
    const current = (): StreamEvents => opened[opened.length - 1]
    return {
      source,
      gaps,
      events: {
        onBytes: (piece) => current().onBytes(piece),
        onDropped: () => {},
        onFlushed: (at) => current().onFlushed?.(at),
        onEnd: (problem) => current().onEnd(problem),
      },
    }
  }

  test.each([
    ['begins where all was given last', [60, 90], 60],
    ['begins at the last packet that came behind it', [60, 20], 20],
    ['begins at the end where each packet comes at once', [null, 20], 0],
  ] as const)('%s', async (_, [flushedBefore, packetBefore], wanted) => {
    const { events, source, gaps } = stream()
    const now = Date.now() / 1000
    events.onBytes(pcapHeader({}))
    const bytes = new Uint8Array(60)
    events.onBytes(
      pcapRecord({ seconds: Math.floor(now) - packetBefore, nanos: 0, bytes, originalLength: bytes.length }),
    )
    if (flushedBefore !== null) events.onFlushed?.(now - flushedBefore)
    events.onEnd('killed')
    await until(() => source.status().state === 'starting' || source.status().state === 'failed', 'it failed')
    await sleep(300)
    events.onBytes(pcapHeader({}))
    expect(gaps).toHaveLength(1)
    expect(Math.abs(gaps[0][0] - (now - wanted))).toBeLessThan(1.5)
  })
})

describe.skipIf(why !== null || !mayFlush())('packets of a tcpdump without -U', () => {
  test('come within a quarter of a second while somebody looks, and the stream is whole under a flood', async () => {
    const cable = new Cable()
    try {
      const command = cable.wrapper(cable.near, 'tcpdump')
      const { source } = begin((events) => tcpdumpSource('cable', events, command))
      await until(() => source.status().state === 'running', 'capture runs')
      const [pid] = childrenNamed('tcpdump')
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('-U')
      source.setWatched?.(true)
      await sleep(300)
      const before = source.status().packets
      const at = performance.now()
      cable.send(1)
      await until(() => source.status().packets > before, 'the packet')
      expect(performance.now() - at).toBeLessThan(800)
      const start = source.status().packets
      for (let round = 0; round < 10; round++) {
        cable.send(300)
        await sleep(30)
      }
      await until(() => source.status().packets - start >= 3000, 'all packets')
      expect(source.status()).toMatchObject({ state: 'running', dropped: 0, problem: null })
    } finally {
      for (const source of sources.splice(0)) await source.stop()
      cable.remove()
    }
  })

  test('come through the capture unit as often as is asked for', async () => {
    const cable = new Cable()
    const path = join(folder, 'packets.sock')
    const server = await serveCapture(path, 'cable', cable.wrapper(cable.near, 'tcpdump'))
    try {
      const { source, gaps } = begin((events) => captureSocketSource(path, 'cable', events))
      await until(() => source.status().state === 'running', 'capture runs')
      source.setWatched?.(true)
      await sleep(1500)
      const waits: number[] = []
      for (let round = 0; round < 8; round++) {
        const before = source.status().packets
        const at = performance.now()
        cable.send(1)
        await until(() => source.status().packets > before, 'the packet')
        waits.push(performance.now() - at)
        await sleep(170)
      }
      expect(waits.sort((one, other) => one - other)[4]).toBeLessThan(400)
      // Nothing came for a while, and all of it was given: the gap does not reach back to the last packet.
      await sleep(2500)
      const killedAt = Date.now() / 1000
      process.kill(childrenNamed('tcpdump')[0], 'SIGKILL')
      await until(() => gaps.length === 1, 'the gap', 5000)
      expect(killedAt - gaps[0][0]).toBeLessThan(1.5)
    } finally {
      for (const source of sources.splice(0)) await source.stop()
      server.close()
      cable.remove()
    }
  })
})
