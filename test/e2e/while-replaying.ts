// Measures API times and another browser's live chart while a large capture is replayed as fast as it goes.
//
//   npx tsx test/e2e/while-replaying.ts [--capture FILE] [--megabytes 500]
//
// Starts the built program. Prints how long API requests of a second client took (live history and those of the
// recording, 50th and 95th percentile and longest), the longest time between two ticks in another browser, and how long
// the replay took. Makes its own capture unless one is named.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { io } from 'socket.io-client'
import type { TrafficStatus, Replay } from '../../server/api.ts'
import { openContext, startBrowser, watchedPage } from './browser.ts'
import { claim, startRealServer } from './real-server.ts'

const { values } = parseArgs({
  options: { capture: { type: 'string' }, megabytes: { type: 'string', default: '500' } },
})
const folder = mkdtempSync(join(tmpdir(), 'telltale-while-'))
const capture = values.capture ?? made()

function made(): string {
  const path = join(folder, 'large.pcap')
  execFileSync(
    process.execPath,
    ['--import', 'tsx', 'test/bench/make-capture.ts', '--bytes', String(Number(values.megabytes) * 1e6), '--out', path],
    { stdio: 'inherit' },
  )
  return path
}

function describe(name: string, times: number[]): void {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
  console.log(
    `${name.padEnd(34)} ${String(times.length).padStart(4)} requests, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`,
  )
}

const server = await startRealServer({ args: ['--pcap', capture] })
const browser = await startBrowser()
try {
  const context = await openContext(browser, { width: 1440, height: 900, theme: 'light' })
  const { page } = await watchedPage(context, server.url)
  await claim(page, server.url)
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const ask = async <Value>(path: string, init: RequestInit = {}): Promise<Value> => {
    const answer = await fetch(`${server.origin}${path}`, {
      ...init,
      headers: { cookie, origin: server.origin, ...init.headers },
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Value
  }
  const { csrf } = await ask<{ csrf: string }>('/api/session')
  const [{ id }] = await ask<[Replay]>('/api/replays')
  const control = (body: unknown): Promise<Replay> =>
    ask(`/api/replays/${id}/control`, {
      method: 'POST',
      headers: { 'x-csrf-token': csrf, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const state = async (): Promise<Replay> => ask(`/api/replays/${id}`)
  while ((await state()).state !== 'ended') await new Promise((resolve) => setTimeout(resolve, 200))

  // Another browser shows the live home; its frames and the ticks that reach it are watched.
  await page.goto(`${server.origin}/#/?range=5m`)
  await page.locator('[role="slider"]').first().waitFor()
  await page.evaluate(`
    globalThis.shown = []
    globalThis.last = ''
    globalThis.watching = setInterval(() => {
      const text = document.querySelector('[role="slider"]').getAttribute('aria-valuemax')
      if (text !== globalThis.last) { globalThis.shown.push(performance.now()); globalThis.last = text }
    }, 20)`)
  const ticks: number[] = []
  const socket = io(server.origin, {
    auth: { csrf },
    transports: ['websocket'],
    extraHeaders: { cookie, origin: server.origin },
  })
  socket.on('tick', () => ticks.push(performance.now()))
  await new Promise<void>((resolve) => socket.emit('join', 'home', () => resolve()))
  await new Promise((resolve) => setTimeout(resolve, 3000))

  await control({ action: 'seek', to: 0 })
  await control({ action: 'speed', speed: 'max' })
  const begun = performance.now()
  await control({ action: 'play' })
  const times: Record<string, number[]> = {}
  const timed = async <Value>(name: string, path: string): Promise<Value> => {
    const start = performance.now()
    const answer = await ask<Value>(path)
    ;(times[name] ??= []).push(performance.now() - start)
    return answer
  }
  let packets = 0
  for (;;) {
    const replay = await timed<Replay>('recording: its state', `/api/replays/${id}`)
    packets = Math.max(packets, replay.packets)
    if (replay.state === 'ended' || performance.now() - begun > 180_000) break
    for (const [name, scope] of [
      ['live', 'live'],
      ['recording', id],
    ] as const) {
      const { first, now } = await timed<TrafficStatus>(`${name}: status`, `/api/traffic/${scope}/status`)
      const span = `from=${Math.floor(scope === 'live' ? now - 3600 : (first ?? now - 1))}&to=${Math.ceil(now) + 1}`
      await timed(`${name}: overview`, `/api/traffic/${scope}/overview?${span}`)
      await timed(`${name}: series`, `/api/traffic/${scope}/series?${span}`)
    }
  }
  const ended = performance.now()
  console.log(`replayed ${packets} packets in ${((ended - begun) / 1000).toFixed(1)} s`)
  for (const [name, list] of Object.entries(times)) describe(name, list)
  describe('all', Object.values(times).flat())
  const gaps = (list: number[]): number[] => list.slice(1).map((at, place) => at - list[place])
  const during = ticks.filter((at) => at > begun - 1000 && at < ended + 1000)
  const shown = await page.evaluate<number[]>('clearInterval(globalThis.watching); globalThis.shown')
  console.log(`live ticks: ${during.length}, longest time between two ${Math.round(Math.max(...gaps(during)))} ms`)
  console.log(
    `live chart of another browser: moved ${shown.length} times, longest time between two ${Math.round(Math.max(...gaps(shown)))} ms`,
  )
  socket.disconnect()
} finally {
  await browser.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
