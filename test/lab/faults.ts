// Faults of the lab: the capture is killed, the interface goes down and comes back.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesAgree, live, type Span } from './household.ts'
import type { Findings } from './findings.ts'
import { run } from './namespaces.ts'
import type { RunningLab } from './steward.ts'
import { isCapturing, type Telltale, until } from './telltale.ts'

const RECOVERS_WITHIN = 5
/** Long enough that a second without capture is seen as such, whatever its phase. */
const DOWN_SECONDS = 3

export async function faults(running: RunningLab, telltale: Telltale, span: Span, findings: Findings): Promise<void> {
  await captureKilled(running, telltale, span, findings)
  await interfaceDown(running, telltale, span, findings)
}

/** Everybody rests while it is killed, so that nothing can be missed and the totals must still agree afterwards. */
async function captureKilled(running: RunningLab, telltale: Telltale, span: Span, findings: Findings): Promise<void> {
  const [capture] = telltale.captures()
  if (capture === undefined) return findings.judge(false, 'There is no tcpdump to kill')
  await sleep(1000)
  const at = Date.now() / 1000
  process.kill(capture, 'SIGKILL')
  const seconds = await recovery(telltale, capture)
  findings.judge(seconds <= RECOVERS_WITHIN, `tcpdump killed with -9: a new one captures after ${seconds.toFixed(2)} s`)
  // A second with a gap in it that also saw something shows what it saw.
  await sleep(1500)
  await live(running, 6)
  await gapIsShown(running, telltale, at, at + seconds, 'tcpdump killed', findings)
  await bytesAgree(running, telltale, span, findings, 'with the kill between')
}

async function interfaceDown(running: RunningLab, telltale: Telltale, span: Span, findings: Findings): Promise<void> {
  const [capture] = telltale.captures()
  const at = Date.now() / 1000
  run('ip', ['link', 'set', 'br-lan', 'down'])
  await sleep(DOWN_SECONDS * 1000)
  const { sources } = await telltale.status()
  findings.judge(
    sources[0]?.state === 'failed',
    `br-lan down for ${DOWN_SECONDS} s: the source says "${sources[0]?.problem}"`,
  )
  run('ip', ['link', 'set', 'br-lan', 'up'])
  // The route went with the bridge's own; the default one is the cloud's.
  const seconds = await recovery(telltale, capture ?? 0)
  findings.judge(seconds <= RECOVERS_WITHIN, `br-lan up again: capture goes on after ${seconds.toFixed(2)} s`)
  await live(running, 6)
  await gapIsShown(running, telltale, at, at + DOWN_SECONDS + seconds, 'br-lan down', findings)
  await bytesAgree(running, telltale, span, findings, 'with the interface down between')
}

/** Seconds until another capture than this one is at it: its packet socket runs, and the status says so. */
function recovery(telltale: Telltale, before: number): Promise<number> {
  return until(
    async () => {
      const [source] = (await telltale.status()).sources
      return (
        source !== undefined &&
        isCapturing(source) &&
        telltale.captures().some((pid) => pid !== before && hasRunningSocket(pid))
      )
    },
    20,
    'the capture runs again',
  )
}

/**
 * packet(7): a line of /proc/net/packet per socket; the sixth word says whether it takes packets, the last is its
 * inode.
 */
function hasRunningSocket(pid: number): boolean {
  try {
    const own = new Set(
      readdirSync(`/proc/${pid}/fd`).map((descriptor) => readlinkSync(`/proc/${pid}/fd/${descriptor}`)),
    )
    const lines = readFileSync('/proc/net/packet', 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
    return lines.some((words) => words[5] === '1' && own.has(`socket:[${words.at(-1)}]`))
  } catch {
    // It ended meanwhile.
    return false
  }
}

/** Null while nothing was captured, and only then. */
async function gapIsShown(
  running: RunningLab,
  telltale: Telltale,
  lost: number,
  back: number,
  what: string,
  findings: Findings,
): Promise<void> {
  const { plan } = running.devices[0]
  const from = Math.floor(lost) - 3
  const { sent } = await telltale.series(from, Math.ceil(back) + 4, plan.mac)
  const nulls = sent.flatMap((value, place) => (value === null ? [from + place] : []))
  const isInside = nulls.every((second) => second >= Math.floor(lost) && second <= Math.ceil(back))
  const drawn = sent.map((value) => (value === null ? '·' : '█')).join('')
  findings.judge(
    nulls.length > 0 && isInside,
    `${what} from ${(lost - from).toFixed(1)} to ${(back - from).toFixed(1)} s of ${drawn}: ${nulls.length} s shown as a gap`,
  )
}
