// The capture at rising packet rates: a real recording, played into a cable, with softflowd beside Telltale.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tcpdumpOptions } from '../../capture/sources/tcpdump.ts'
import { realCaptures } from '../support/real-captures.ts'
import { NO_REAL_DATA } from '../support/real-data.ts'
import type { Findings } from './findings.ts'
import { ipIn, setIn } from './namespaces.ts'
import { has } from './programs.ts'
import { cpuSecondsOf, startTelltale, type Telltale } from './telltale.ts'
import type { Lab } from './topology.ts'

const PORT = 8481
const MEGABITS = [10, 100, 500]
const SECONDS = 8
/** Seen and dropped packets may differ from what was sent by this share. */
const TOLERANCE = 0.001
/** The drop counters are asked for every 5 s. */
const COUNTED_AFTER_MS = 7000

/** A recording that fits into memory and a cable. */
const MOST_BYTES = 64e6

interface Played {
  packets: number
  seconds: number
  megabits: number
}

/** Must be called in the router's namespace. */
export async function replayRates(lab: Lab, findings: Findings): Promise<void> {
  if (!has('tcpreplay')) return findings.report('Rates: no tcpreplay here (apt-get install tcpreplay).')
  const recording = largestRecording()
  if (recording === null) return findings.report(`Rates: ${NO_REAL_DATA}`)
  layCable(lab)
  await tcpdumpAlone(lab, recording, findings)
  const telltale = await startTelltale(lab.folder, 'rate1', PORT)
  const softflowd = startSoftflowd(lab)
  try {
    for (const megabits of MEGABITS) await atRate(megabits, recording, telltale, softflowd, findings)
  } finally {
    softflowd?.kill('SIGKILL')
    await telltale.stop()
  }
}

/** A cable of its own: nothing that is played can go anywhere. */
function layCable({ router }: Lab): void {
  ipIn(router, 'link add rate0 mtu 65535 type veth peer name rate1 mtu 65535')
  for (const name of ['rate0', 'rate1']) {
    setIn(router, `net.ipv6.conf.${name}.disable_ipv6`, 1)
    setIn(router, `net.ipv4.conf.${name}.forwarding`, 0)
    ipIn(router, `link set ${name} arp off up`)
  }
}

function largestRecording(): string | null {
  const captures = realCaptures() ?? []
  const fitting = captures.filter(({ format }) => format.startsWith('pcap le') && !format.includes('gz'))
  const sized = fitting.map(({ path }) => ({ path, bytes: sizeOf(path) })).filter(({ bytes }) => bytes < MOST_BYTES)
  return sized.toSorted((one, other) => other.bytes - one.bytes)[0]?.path ?? null
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

async function play(recording: string, megabits: number): Promise<Played> {
  const words = [
    '-i',
    'rate0',
    '-K',
    '--mbps',
    String(megabits),
    '--loop',
    '1000000',
    '--duration',
    String(SECONDS),
    '--no-flow-stats',
    recording,
  ]
  const { stdout } = await promisify(execFile)('tcpreplay', words, {
    timeout: (SECONDS + 20) * 1000,
    maxBuffer: 64 << 20,
  })
  const actual = /Actual: (\d+) packets \((\d+) bytes\) sent in ([\d.]+) seconds/.exec(stdout)
  const failed = /Failed packets:\s+(\d+)/.exec(stdout)
  if (actual === null) throw new Error(`tcpreplay said: ${stdout.slice(-300)}`)
  const seconds = Number(actual[3])
  return {
    packets: Number(actual[1]) - Number(failed?.[1] ?? 0),
    seconds,
    megabits: (Number(actual[2]) * 8) / seconds / 1e6,
  }
}

/** What tcpdump by itself drops at these rates, with the options that Telltale gives it. */
async function tcpdumpAlone({ folder }: Lab, recording: string, findings: Findings): Promise<void> {
  for (const megabits of MEGABITS.toReversed()) {
    const tcpdump = spawn('tcpdump', [...tcpdumpOptions('rate1').slice(0, -1), join(folder, 'alone.pcap')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let output = ''
    tcpdump.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    const ended = new Promise<void>((resolve) => tcpdump.once('close', () => resolve()))
    await sleep(1000)
    const { packets, megabits: real } = await play(recording, megabits)
    await sleep(500)
    tcpdump.kill('SIGINT')
    await ended
    const dropped = Number(/(\d+) packets? dropped by kernel/.exec(output)?.[1] ?? Number.NaN)
    findings.report(`tcpdump alone at ${real.toFixed(0)} Mbit/s: ${dropped} of ${packets} packets dropped`)
    if (dropped === 0) return
  }
}

function startSoftflowd({ folder }: Lab): ChildProcess | null {
  if (!has('softflowd')) return null
  return spawn(
    'softflowd',
    [
      '-d',
      '-i',
      'rate1',
      '-n',
      '127.0.0.1:9995',
      '-p',
      join(folder, 'softflowd.pid'),
      '-c',
      join(folder, 'softflowd.ctl'),
    ],
    { stdio: 'ignore' },
  )
}

async function atRate(
  megabits: number,
  recording: string,
  telltale: Telltale,
  softflowd: ChildProcess | null,
  findings: Findings,
): Promise<void> {
  const counts = async (): Promise<{ seen: number; dropped: number }> => {
    const [source] = (await telltale.status()).sources
    return { seen: source?.packets ?? 0, dropped: source?.dropped ?? 0 }
  }
  const pids = {
    engine: telltale.child.pid as number,
    capture: telltale.captures()[0],
    softflowd: softflowd?.pid ?? null,
  }
  const cpu = (): number[] => Object.values(pids).map((pid) => (pid === null ? Number.NaN : cpuSecondsOf(pid)))
  const [before, used] = [await counts(), cpu()]
  const played = await play(recording, megabits)
  await sleep(COUNTED_AFTER_MS)
  const after = await counts()
  const [engine, capture, flows] = cpu().map(
    (seconds, place) => `${(((seconds - used[place]) / played.seconds) * 100).toFixed(1)} %`,
  )
  const [seen, dropped] = [after.seen - before.seen, after.dropped - before.dropped]
  const error = (seen + dropped) / played.packets - 1
  findings.judge(
    Math.abs(error) <= TOLERANCE,
    `at ${played.megabits.toFixed(0)} Mbit/s (${(played.packets / played.seconds).toFixed(0)} packets/s): seen ${seen} + dropped ${dropped} of ${played.packets} sent (${(error * 100).toFixed(3)} %); CPU of one core: tcpdump ${capture}, Telltale ${engine}${softflowd === null ? '' : `, softflowd ${flows}`}`,
  )
}
