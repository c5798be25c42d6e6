// A sensor that ssh starts on another machine ("telltale sensor --stdio"), and whose frames come over its stdout.
import { type ChildProcess, spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { noteEnds } from './capture-ends.ts'
import { LastWords, signalChild } from './child-stream.ts'
import { farEndsOf } from './own-connections.ts'
import type { RunningStream, StreamEvents } from './restarting-source.ts'
import { SensorLink, type SensorLinkOptions } from './sensor-link.ts'
import { SSH_ENVIRONMENT, SSH_OPTIONS } from './ssh.ts'
import type { NamedRouter } from './ssh-address.ts'
import { explainSsh } from './ssh-words.ts'

export interface SensorOverSsh extends NamedRouter {
  /** The other machine's interface. */
  interfaceName: string
  /** More options for ssh, and what stands in for it, in tests. */
  sshOptions?: string[]
  command?: string
}

/** A shell's exit status where there is no such command. */
const NO_COMMAND = 127
const PATIENCE_MS = 2_000

/** As SensorLink, with the end of ssh as its end. `owner`: whose connection it is. */
export function openSensorSsh(
  sensor: SensorOverSsh,
  events: StreamEvents,
  options: Omit<SensorLinkOptions, 'explain'> & { owner: object },
): RunningStream {
  const { host, port, interfaceName, sshOptions = [], command = 'ssh' } = sensor
  const args = [
    ...SSH_OPTIONS,
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...sshOptions,
    '--',
    host,
    `exec telltale sensor --stdio --interface '${interfaceName}'`,
  ]
  const child = spawn(command, args, { env: { ...process.env, ...SSH_ENVIRONMENT }, stdio: ['pipe', 'pipe', 'pipe'] })
  const words = new LastWords({ onDropped: () => {} })
  let failure: NodeJS.ErrnoException | null = null
  let code: number | null = null
  // A child that could not be started for want of files has no pipes, whatever their type says.
  const { stderr } = child as ChildProcess
  stderr?.on('data', (piece: Buffer) => words.add(piece))
  const stream = streamOf(child, (error, status) => {
    failure = error
    code = status
  })
  const link = new SensorLink(stream, events, {
    ...options,
    explain: () => explainEnd(sensor, words, code, failure),
  })
  child.once('spawn', () => link.begin())
  // The connection is open once the sensor speaks.
  stream.once('data', () => {
    if (child.pid !== undefined) noteEnds(options.owner, farEndsOf(child.pid))
  })
  return link
}

function explainEnd(
  sensor: SensorOverSsh,
  words: LastWords,
  code: number | null,
  error: NodeJS.ErrnoException | null,
): string {
  const last = words.end()
  if (code === NO_COMMAND || /telltale: (?:command )?not found/.test(last))
    return `There is no command "telltale" on ${sensor.host}. Install Telltale there, and put it into the path of its users (npm install --global).`
  return explainSsh(sensor, { words: last, said: words.lines, code, error })
}

/** Stdin and stdout of the child as one stream, which closes when the child has ended. */
function streamOf(child: ChildProcess, onEnd: (error: Error | null, code: number | null) => void): Duplex {
  const { stdin, stdout } = child
  let isOver = false
  let whenOver = (): void => {}
  const stream: Duplex = new Duplex({
    read: () => void stdout?.resume(),
    write: (piece: Buffer, _encoding, done) => {
      if (stdin?.writable === true) stdin.write(piece, () => done())
      else done()
    },
    destroy: (error, done) => {
      stdin?.end()
      whenOver = () => done(error)
      if (isOver) return whenOver()
      signalChild(child, 'SIGTERM')
      setTimeout(() => signalChild(child, 'SIGKILL'), PATIENCE_MS).unref()
    },
  })
  stdin?.on('error', () => {})
  stdout?.on('data', (piece: Buffer) => {
    if (!stream.push(piece)) stdout.pause()
  })
  const finish = (error: Error | null, code: number | null): void => {
    if (isOver) return
    isOver = true
    onEnd(error, code)
    whenOver()
    stream.destroy()
  }
  child.on('error', (error) => {
    if (child.pid === undefined) finish(error, null)
  })
  child.on('close', (code) => finish(null, code))
  return stream
}
