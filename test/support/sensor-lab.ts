// A sensor as a process of its own, whose tcpdump gives what is appended to a file, and whose clock may be wrong.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtFile } from '../../server/built-file.ts'
import { codeOfKey, KEYS_FILE, newSensorKey, sensorKeysText } from '../../capture/sources/sensor-key.ts'

/** Stands in for tcpdump: gives what is appended to $FEED after its start, with the time of a clock that is wrong. */
const TCPDUMP = `#!${process.execPath}
const { closeSync, fstatSync, openSync, readSync, writeSync } = require('node:fs')
if (process.argv.includes('-d')) process.exit(0)
const head = Buffer.alloc(24)
head.writeUInt32LE(0xa1b2c3d4); head.writeUInt16LE(2, 4); head.writeUInt16LE(4, 6)
head.writeUInt32LE(65535, 16); head.writeUInt32LE(1, 20)
const feed = openSync(process.env.FEED, 'r')
let at = fstatSync(feed).size
writeSync(1, head)
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => process.exit(0))
process.on('SIGUSR1', () => writeSync(2, '1 packet captured, 1 packet received by filter, 7 packets dropped by kernel\\n'))
process.on('SIGUSR2', () => {})
process.stdin.on('end', () => process.exit(0)).resume()
setInterval(() => {
  const bytes = Buffer.alloc(fstatSync(feed).size - at)
  if (bytes.length === 0) return
  readSync(feed, bytes, 0, bytes.length, at)
  at += bytes.length
  for (let from = 0; from < bytes.length; ) {
    const length = bytes.readUInt32LE(from)
    const time = Date.now() / 1000 + Number(process.env.CLOCK ?? 0)
    const record = Buffer.alloc(16)
    record.writeUInt32LE(Math.floor(time)); record.writeUInt32LE(Math.floor((time % 1) * 1e6), 4)
    record.writeUInt32LE(length, 8); record.writeUInt32LE(length, 12)
    writeSync(1, Buffer.concat([record, bytes.subarray(from + 4, from + 4 + length)]))
    from += 4 + length
  }
}, 5)
`

export class SensorLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'telltale-sensor-'))
  readonly stateFolder = join(this.folder, 'state')
  readonly key = newSensorKey()
  private readonly feed = join(this.folder, 'feed')
  private readonly keyFile = join(this.folder, 'key')
  private child: ChildProcess | null = null
  /** What the sensor said. */
  said = ''

  constructor() {
    writeFileSync(this.feed, '')
    writeFileSync(join(this.folder, 'tcpdump'), TCPDUMP)
    chmodSync(join(this.folder, 'tcpdump'), 0o755)
    this.setKey(this.key)
  }

  /** For processes and threads that shall find the stand-in. */
  get environment(): Record<string, string> {
    return { PATH: `${this.folder}:${process.env['PATH'] ?? ''}`, FEED: this.feed }
  }

  setKey(key: Uint8Array): void {
    writeFileSync(this.keyFile, `${codeOfKey(key)}\n`, { mode: 0o600 })
  }

  /** The text of the file with the keys of sensors. */
  keysText(port: number, key: Uint8Array = this.key): { name: string; text: string } {
    return { name: KEYS_FILE, text: sensorKeysText(new Map([[`127.0.0.1:${port}`, key]])) }
  }

  /** Frames pass both machines. */
  pass(...frames: Uint8Array[]): void {
    const pieces = frames.flatMap((frame) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(frame.length)
      return [length, frame]
    })
    appendFileSync(this.feed, Buffer.concat(pieces))
  }

  /** Resolves once it listens. `clock`: seconds that its clock is ahead. */
  async start(port: number, { clock = 0, more = [] as string[] } = {}): Promise<void> {
    const preload = `const now = Date.now; Date.now = () => now() + ${clock * 1000}`
    const options = ['--interface', 'lo', '--listen', `127.0.0.1:${port}`, '--key', this.keyFile, ...more]
    const child = spawn(
      process.execPath,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(preload)}`,
        builtFile('cli.js').pathname,
        'sensor',
        ...options,
      ],
      { env: { ...process.env, ...this.environment, CLOCK: String(clock) }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.child = child
    this.said = ''
    await new Promise<void>((resolve, reject) => {
      const take = (piece: Buffer): void => {
        this.said += piece.toString()
        if (this.said.includes('The sensor listens')) resolve()
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.once('exit', () => reject(new Error(`The sensor ended: ${this.said}`)))
    })
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    const { child } = this
    this.child = null
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    child.kill(signal)
    return ended
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A cable between a port of this machine and another one, which can be pulled: then nothing is said to either end. */
export class PulledCable {
  private readonly server: Server
  private readonly pairs = new Set<[Socket, Socket]>()
  isPulled = false
  port = 0

  constructor(to: number) {
    this.server = createServer((near) => {
      if (this.isPulled) return void near.pause()
      const far = connect(to, '127.0.0.1')
      const pair: [Socket, Socket] = [near, far]
      this.pairs.add(pair)
      for (const [one, other] of [pair, [far, near] as const]) {
        one.on('data', (piece) => {
          if (!this.isPulled) other.write(piece)
        })
        one.on('error', () => {})
        one.on('close', () => {
          if (!this.isPulled) other.destroy()
        })
      }
    })
  }

  listen(): Promise<void> {
    return new Promise((resolve) =>
      this.server.listen(0, '127.0.0.1', () => {
        this.port = (this.server.address() as { port: number }).port
        resolve()
      }),
    )
  }

  close(): void {
    this.server.close()
    for (const pair of this.pairs) for (const one of pair) one.destroy()
  }
}

/** Free a moment ago. */
export function freeTcpPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
