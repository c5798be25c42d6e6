// Makes a running tcpdump write out what it holds: SIGUSR2, sent only while it waits for packets. Plain JavaScript of
// Node alone: the root helper of "sudo npm start" runs it, too.
import { readFileSync } from 'node:fs'

/**
 * tcpdump (4.99.0 and later; earlier ones die of the signal) flushes within its signal handler, whatever it was doing:
 * amid a write of its own that repeats or tears what it writes, or stops it for good (its issues 997, which 4.99.2
 * mends in part, and 1231, which is open). So it is stopped first, and gets the signal only where Linux says that it
 * stopped in the system call in which it waits for packets. These are the numbers of poll and ppoll.
 */
const WAITING_CALLS = {
  x64: ['7', '271'],
  arm64: ['73'],
  arm: ['168', '336'],
  ia32: ['168', '309'],
  riscv64: ['73'],
}
/** So often its state is read until it has stopped: each takes some microseconds. */
const MOST_LOOKS = 500

/** How often it is flushed, while somebody looks at the page and else. */
const WATCHED_MS = 250
const UNWATCHED_MS = 1000
/** A tcpdump that did not wait when it was looked at is looked at again so soon, and so many times. */
const AGAIN_MS = 10
const MOST_TRIES = 4
/** The trial at the start: it is tried so often, and given up so late. */
const TRIAL_EVERY_MS = 50
const TRIAL_MS = 5000
/** The header of the capture comes so soon after the first flush. */
const ANSWER_MS = 1000

/** Whether a tcpdump can be flushed on this machine at all. */
export function mayFlush(platform = process.platform, architecture = process.arch) {
  return platform === 'linux' && Object.hasOwn(WAITING_CALLS, architecture)
}

/**
 * "flushed"; "busy": it does not wait for packets now, and was left alone; "denied": this process may not know, or the
 * other is gone.
 */
export function flush(pid) {
  try {
    process.kill(pid, 'SIGSTOP')
  } catch {
    return 'denied'
  }
  try {
    for (let looks = 0; stateOf(pid) !== 'T'; looks++) if (looks >= MOST_LOOKS) return 'busy'
    const [call] = readFileSync(`/proc/${pid}/syscall`, 'latin1').split(' ', 1)
    if (!WAITING_CALLS[process.arch].includes(call)) return 'busy'
    process.kill(pid, 'SIGUSR2')
    return 'flushed'
  } catch {
    return 'denied'
  } finally {
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // It is gone.
    }
  }
}

function stateOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text[text.lastIndexOf(')') + 2]
}

/** Flushes a child regularly, after a trial: "onUnable" is called where it cannot be flushed. */
export class Flusher {
  /** Seconds: what the child got up to then has been written; NaN before the first flush. */
  flushedUntil = Number.NaN
  #child
  #onUnable
  #onFlushed
  #flush
  #timer = null
  #isWatched = false
  #hasBytes = false
  #startedAt = Date.now()
  #tries = 0

  constructor(child, { onUnable, onFlushed = () => {}, flushWith = flush }) {
    this.#child = child
    this.#onUnable = onUnable
    this.#onFlushed = onFlushed
    this.#flush = flushWith
    this.#plan(TRIAL_EVERY_MS)
  }

  /** To be called when the child wrote something. */
  noteBytes() {
    this.#hasBytes = true
  }

  setWatched(isWatched) {
    if (isWatched === this.#isWatched) return
    this.#isWatched = isWatched
    if (!this.#isInTrial) this.#planNext()
  }

  stop() {
    clearTimeout(this.#timer)
    this.#timer = null
    this.#child = null
  }

  /** It died of the signal. */
  get diedOfIt() {
    return this.#child?.signalCode === 'SIGUSR2'
  }

  get #isInTrial() {
    return Number.isNaN(this.flushedUntil)
  }

  #plan(milliseconds) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#turn(), milliseconds)
    this.#timer.unref?.()
  }

  /** At round times by the clock, so that what was flushed is there when the second is handed on. */
  #planNext() {
    this.#tries = 0
    const every = this.#isWatched ? WATCHED_MS : UNWATCHED_MS
    this.#plan(every - (Date.now() % every))
  }

  #turn() {
    const child = this.#child
    if (child === null || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const at = Date.now() / 1000
    const result = this.#flush(child.pid)
    if (this.#isInTrial) this.#try(result, at)
    else if (result === 'busy' && ++this.#tries < MOST_TRIES) this.#plan(AGAIN_MS)
    else {
      if (result === 'flushed') this.#noteFlush(at)
      this.#planNext()
    }
  }

  #noteFlush(at) {
    this.flushedUntil = at
    this.#onFlushed(at)
  }

  #try(result, at) {
    if (result === 'denied') return this.#giveUp()
    if (result === 'flushed') {
      this.#noteFlush(at)
      if (!this.#hasBytes) {
        this.#timer = setTimeout(() => (this.#hasBytes ? this.#planNext() : this.#giveUp()), ANSWER_MS)
        return
      }
      return this.#planNext()
    }
    // One that writes by itself, since much passes, has time.
    if (!this.#hasBytes && Date.now() - this.#startedAt > TRIAL_MS) return this.#giveUp()
    this.#plan(TRIAL_EVERY_MS)
  }

  #giveUp() {
    if (this.#child === null) return
    this.stop()
    this.#onUnable()
  }
}
