// The live part of the bench, in the namespace of the machine that captures: prints its rows as one line of JSON.
//   tsx test/bench/live-inside.ts FOLDER FAR-NAMESPACE SECONDS [NAME MEGABITS CAPTURE]…
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { io } from 'socket.io-client'
import { percentile } from '../lab/findings.ts'
import { has } from '../lab/programs.ts'
import { cpuSecondsOf, startTelltale, type Telltale } from '../lab/telltale.ts'
import type { LiveRow, LiveResult } from './live.ts'

const PORT = 8497
/** The drop counters are asked for every 5 s. */
const COUNTED_AFTER_MS = 7000
const MARKS = 40
const MARK_BYTES = 1300
/** Where the marks go: nobody is there. */
const NOWHERE = '203.0.113.9'
const LATEST_MS = 4000

const [folder = '', far = '', seconds = '', ...words] = process.argv.slice(2)

async function main(): Promise<LiveResult> {
  const telltale = await startTelltale(folder, 'cable', PORT)
  const peers: Record<string, ChildProcess> = {}
  try {
    const latency = await measureLatency(telltale)
    if (has('softflowd'))
      peers['softflowd'] = spawn(
        'softflowd',
        ['-d', '-i', 'cable', '-n', '127.0.0.1:9995', '-p', `${folder}/flows.pid`, '-c', `${folder}/flows.ctl`],
        { stdio: 'ignore' },
      )
    if (has('ndpiReader'))
      peers['ndpiReader'] = spawn('ndpiReader', ['-q', '-i', 'cable', '-s', '86400'], { stdio: 'ignore' })
    await sleep(2000)
    const rows: LiveRow[] = []
    for (let at = 0; at + 2 < words.length; at += 3)
      rows.push(await atRate(telltale, peers, words[at], Number(words[at + 1]), words[at + 2]))
    return { latency, rows }
  } finally {
    for (const child of Object.values(peers)) child.kill('SIGKILL')
    await telltale.stop()
  }
}

async function atRate(
  telltale: Telltale,
  peers: Record<string, ChildProcess>,
  name: string,
  megabits: number,
  capture: string,
): Promise<LiveRow> {
  const pids: [string, number][] = [
    ['Telltale', telltale.child.pid as number],
    ['its tcpdump', telltale.captures()[0]],
    ...Object.entries(peers)
      .filter(([, { exitCode, signalCode }]) => exitCode === null && signalCode === null)
      .map(([peer, { pid }]): [string, number] => [peer, pid as number]),
  ]
  const cpu = (): number[] => pids.map(([, pid]) => cpuSecondsOf(pid))
  const counts = async (): Promise<[seen: number, dropped: number]> => {
    const [source] = (await telltale.status()).sources
    return [source?.packets ?? 0, source?.dropped ?? 0]
  }
  const [[seen, dropped], before] = [await counts(), cpu()]
  const played = await play(megabits, capture)
  // What was sent in the last moment is worked on now.
  await sleep(1000)
  const after = cpu()
  await sleep(COUNTED_AFTER_MS)
  const [seenAfter, droppedAfter] = await counts()
  return {
    name,
    ...played,
    seen: seenAfter - seen,
    dropped: droppedAfter - dropped,
    cpuPercent: Object.fromEntries(
      pids.map(([program], place) => [program, ((after[place] - before[place]) / played.seconds) * 100]),
    ),
  }
}

async function play(megabits: number, capture: string): Promise<Pick<LiveRow, 'megabits' | 'packets' | 'seconds'>> {
  const options = ['-i', 'cable', '-K', '--mbps', String(megabits), '--loop', '1000000', '--duration', seconds]
  const { stdout } = await promisify(execFile)(
    'ip',
    ['netns', 'exec', far, 'tcpreplay', ...options, '--no-flow-stats', capture],
    { timeout: (Number(seconds) + 60) * 1000, maxBuffer: 64 << 20 },
  )
  const actual = /Actual: (\d+) packets \((\d+) bytes\) sent in ([\d.]+) seconds/.exec(stdout)
  if (actual === null) throw new Error(`tcpreplay said: ${stdout.slice(-300)}`)
  const [packets, bytes, took] = actual.slice(1).map(Number)
  const failed = Number(/Failed packets:\s+(\d+)/.exec(stdout)?.[1] ?? 0)
  return { packets: packets - failed, seconds: took, megabits: (bytes * 8) / took / 1e6 }
}

/** From a packet on the wire to its bytes in the message that a page gets, at any phase of the second. */
async function measureLatency(telltale: Telltale): Promise<LiveResult['latency']> {
  const session = await fetch(`${telltale.origin}/api/session`, {
    headers: { cookie: telltale.cookie, origin: telltale.origin },
  })
  const { csrf } = (await session.json()) as { csrf: string }
  const socket = io(telltale.origin, {
    transports: ['websocket'],
    auth: { csrf },
    extraHeaders: { cookie: telltale.cookie, origin: telltale.origin },
  })
  const sender = spawn('ip', ['netns', 'exec', far, process.execPath, '-e', SENDER], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: sender.stdout })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect_error', reject)
      socket.once('connect', () => socket.emit('join', 'home', () => resolve()))
    })
    const waits: number[] = []
    for (let mark = 0; mark < MARKS; mark++) {
      await sleep(1300 + Math.random() * 1000)
      const seen = new Promise<number>((resolve) => {
        const listen = (_room: string, tick: number[]): void => {
          if ((tick[2] ?? 0) < MARK_BYTES) return
          socket.off('tick', listen)
          resolve(Date.now())
        }
        socket.on('tick', listen)
        setTimeout(() => resolve(Number.NaN), LATEST_MS)
      })
      const sent = new Promise<number>((resolve) => lines.once('line', (line) => resolve(Number(line))))
      sender.stdin.write('\n')
      const wait = (await seen) - (await sent)
      if (!Number.isNaN(wait)) waits.push(wait)
    }
    return { marks: waits.length, p50: percentile(waits, 0.5), p95: percentile(waits, 0.95) }
  } finally {
    sender.kill('SIGKILL')
    socket.disconnect()
  }
}

const SENDER = `const socket = require('dgram').createSocket('udp4'), bytes = Buffer.alloc(${MARK_BYTES})
process.stdin.on('data', () => socket.send(bytes, 9, '${NOWHERE}', () => console.log(Date.now())))`

console.log(`\n${JSON.stringify(await main())}`)
process.exit(0)
