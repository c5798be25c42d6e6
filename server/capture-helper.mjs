// The root helper of "sudo npm start": starts tcpdump, or a script that reads connections, for the service that runs as
// the user. Plain JavaScript of Node alone: no code of a package, and nothing that was built by the user, runs as root.
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import {
  ASK_CONNECTION_TABLE,
  ASK_CONNECTIONS,
  ASK_NEIGHBOURS,
  CONNECTIONS_SCRIPT,
  END_REPORT,
  LineJoiner,
} from '../capture/connections/connections-script.mjs'
import { Flusher, mayFlush } from '../capture/sources/tcpdump-flush.mjs'

/** As in capture/sources/frames.ts. */
const FRAME_BYTES = 1
const FRAME_WORDS = 4
const FRAME_ENDED = 5
const FRAME_FLUSHED = 6
const HEAD_LENGTH = 5
const MAX_FRAME_LENGTH = 1 << 20

/** As capture/sources/tcpdump.ts has them. */
const OPTIONS = ['--immediate-mode', '-s', '1600', '-B', '8192', '-w', '-']
/** Where an administrator's programs are; the user's PATH has no say. */
const PROGRAM_FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
]
const INTERFACES = '/sys/class/net'
/** As many as Settings takes, and as many that are ending. */
const MOST_CAPTURES = 16
const LONGEST_LINE = 64
const PATIENCE_MS = 2000
/** What a service that reads nothing may leave unread. */
const MOST_UNREAD = 32 << 20

/** A trial showed that this tcpdump cannot be flushed: it writes each packet by itself. */
let writesEach = !mayFlush()

/** Packets that the firewall logs: they are few, and tcpdump waits for them in a call in which it cannot be flushed. */
const LOGGED = /^nflog:\d{1,5}$/

/** A name of an interface that this machine has now: nothing else becomes an argument. */
function isInterface(name, interfaces) {
  if (LOGGED.test(name)) return true
  return /^[\w.:@+][\w.:@+-]{0,14}$/.test(name) && (name === 'any' || readdirSync(interfaces).includes(name))
}

function tcpdumpPath() {
  return PROGRAM_FOLDERS.map((folder) => join(folder, 'tcpdump')).find((path) => existsSync(path)) ?? null
}

/**
 * Listens on a socket in a folder that only the user may enter. Resolves to its path, and to how to end it all.
 * `program` and `interfaces` stand in for tcpdump and Linux's list in tests.
 */
export async function startHelper({ uid, gid }, { program = tcpdumpPath(), interfaces = INTERFACES } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-capture-'))
  const path = join(folder, 'socket')
  const children = new Set()
  const server = createServer((socket) => serveOne(socket, program, interfaces, children))
  server.maxConnections = MOST_CAPTURES
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  chownSync(path, uid, gid)
  chmodSync(folder, 0o700)
  chownSync(folder, uid, gid)
  return {
    path,
    close: () => {
      server.close()
      for (const child of children) signalChild(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One connection is one run of tcpdump: a line with the interface, then "drops" or "stop". */
function serveOne(socket, program, interfaces, children) {
  let child = null
  let pending = ''
  socket.on('error', () => {})
  socket.on('data', (piece) => {
    pending += piece.toString('latin1')
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    if (pending.length > LONGEST_LINE) return socket.destroy()
    for (const line of lines) {
      if (child === null && line === ASK_CONNECTION_TABLE) child = readConnections(socket, children)
      else if (child === null) {
        child = capture(socket, line, program, interfaces, children)
        if (child === null) return
      } else if (line === 'drops') child.askForDrops()
      else if (line === 'watched' || line === 'unwatched') child.setWatched(line === 'watched')
      else if (line === 'stop') child.end()
      else if (line === ASK_CONNECTIONS || line === ASK_NEIGHBOURS) child.ask?.(line)
    }
  })
  socket.on('close', () => {
    if (child !== null) child.end()
  })
}

/** The table of connections, by a script that is Telltale's own; see capture/connections/connections-script.mjs. */
function readConnections(socket, children) {
  const child = spawn('/bin/sh', ['-c', CONNECTIONS_SCRIPT], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: PROGRAM_FOLDERS.join(delimiter) },
  })
  let failure = null
  let isOver = false
  const finish = (code) => {
    if (isOver) return
    isOver = true
    children.delete(child)
    socket.write(frame(FRAME_ENDED, Buffer.from(JSON.stringify({ code, error: failure }))))
    socket.end()
  }
  child.on('error', (error) => {
    failure = error.code ?? error.message
    if (child.pid === undefined) finish(null)
  })
  child.on('close', finish)
  children.add(child)
  const joiner = new LineJoiner((piece) => {
    // A service that does not take what it asked for gets no more: each look would be new.
    if (!socket.write(frame(FRAME_BYTES, piece)) && socket.writableLength > MOST_UNREAD) socket.destroy()
  })
  child.stdin?.on('error', () => {})
  child.stdout?.on('data', (piece) => joiner.add('rows', piece))
  child.stderr?.on('data', (piece) => {
    joiner.add('ends', piece)
    if (!piece.includes(END_REPORT)) socket.write(frame(FRAME_WORDS, piece))
  })
  return {
    ask: (word) => child.stdin?.write(`${word}\n`),
    askForDrops: () => {},
    setWatched: () => {},
    end: () => {
      child.stdin?.end()
      setTimeout(() => signalChild(child, 'SIGKILL'), PATIENCE_MS).unref()
    },
  }
}

/** Null where it could not even be tried: the connection ends with the reason. */
function capture(socket, name, program, interfaces, children) {
  const finish = (code, error) => {
    socket.write(frame(FRAME_ENDED, Buffer.from(JSON.stringify({ code, error }))))
    socket.end()
    return null
  }
  if (!isInterface(name, interfaces)) {
    socket.write(frame(FRAME_WORDS, Buffer.from('No such device exists\n')))
    return finish(1, null)
  }
  if (program === null) return finish(null, 'ENOENT')
  const running = new Capture(socket, name, program, children, finish)
  return running.start() ? running : null
}

/** One run of tcpdump; a trial that shows that it has to write each packet by itself is not noticed outside. */
class Capture {
  constructor(socket, name, program, children, finish) {
    Object.assign(this, { socket, name, program, children, finish })
    Object.assign(this, { child: null, flusher: null, isWatched: false, hasBytes: false, isReplaced: false })
  }

  /** False where it could not be started. */
  start() {
    const { children } = this
    const isEach = writesEach || LOGGED.test(this.name)
    const options = ['-i', this.name, '-n', ...(isEach ? ['-U'] : []), ...OPTIONS]
    const child = spawn(this.program, options, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: { PATH: PROGRAM_FOLDERS.join(delimiter) },
    })
    let failure = null
    child.on('error', (error) => {
      failure = error.code ?? error.message
      if (child.pid === undefined) this.finish(null, failure)
    })
    // A child that could not be started for want of files has no pipes.
    if (child.stdout === undefined || child.stdout === null) return false
    children.add(child)
    this.child = child
    this.flusher = isEach ? null : this.newFlusher(child)
    child.stdout.on('data', (piece) => this.give(child, piece))
    child.stderr.on('data', (piece) => this.socket.write(frame(FRAME_WORDS, piece)))
    child.on('close', (code) => {
      children.delete(child)
      if (this.flusher?.diedOfIt) this.noteUnflushable()
      this.flusher?.stop()
      if (!this.isReplaced || this.socket.destroyed) return this.finish(code, failure)
      this.isReplaced = false
      this.start()
    })
    return true
  }

  newFlusher(child) {
    let flushedAt = null
    const flusher = new Flusher(child, {
      onUnable: () => {
        this.noteUnflushable()
        this.end()
      },
      onFlushed: (at) => {
        // What was flushed at that time may not have been read from the child yet; at the time before, it has.
        const seconds = Buffer.alloc(8)
        seconds.writeDoubleBE(flushedAt ?? 0)
        if (flushedAt !== null) this.socket.write(frame(FRAME_FLUSHED, seconds))
        flushedAt = at
      },
    })
    flusher.setWatched(this.isWatched)
    return flusher
  }

  /** Where nothing was given yet, another run takes its place. */
  noteUnflushable() {
    writesEach = true
    this.isReplaced = !this.hasBytes
  }

  give({ stdout }, piece) {
    this.hasBytes = true
    this.flusher?.noteBytes()
    for (let at = 0; at < piece.length; at += MAX_FRAME_LENGTH) {
      // What the service does not take stays in the kernel, which counts what it drops.
      if (this.socket.write(frame(FRAME_BYTES, piece.subarray(at, at + MAX_FRAME_LENGTH)))) continue
      stdout.pause()
      this.socket.once('drain', () => stdout.resume())
    }
  }

  askForDrops() {
    signalChild(this.child, 'SIGUSR1')
  }

  setWatched(isWatched) {
    this.isWatched = isWatched
    this.flusher?.setWatched(isWatched)
  }

  end() {
    const { child } = this
    signalChild(child, 'SIGTERM')
    setTimeout(() => signalChild(child, 'SIGKILL'), PATIENCE_MS).unref()
  }
}

/** One that could not be started has no process number: Node would signal this process's whole group. */
function signalChild(child, signal) {
  if (child.pid !== undefined) child.kill(signal)
}

function frame(kind, payload) {
  const head = Buffer.alloc(HEAD_LENGTH)
  head[0] = kind
  head.writeUInt32BE(payload.length, 1)
  return Buffer.concat([head, payload])
}
