// Source kind stdin: a capture that another program pipes in.
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { CaptureReader } from '../formats/capture-reader.ts'
import type { PacketSourceDefinition } from './definition.ts'
import { type PacketSource, type SourceCounts, type SourceEvents, SourceMeter, type SourceState } from './source.ts'
import { readCaptureStream } from './stream.ts'

/** Reads one capture, plain or packed, until the stream ends; `stream` is process.stdin but in tests. */
export class StdinSource implements PacketSource {
  private readonly stream: Readable
  private readonly events: SourceEvents
  private readonly meter = new SourceMeter(
    (seconds) =>
      `No packets on standard input for ${seconds} s. Is the program in front of the pipe still capturing, and does it write at once (tcpdump -U)?`,
  )
  private readonly cancel = new AbortController()
  private state: SourceState = 'off'
  private problem: string | null = null
  private reading: Promise<void> | null = null

  constructor(stream: Readable, events: SourceEvents) {
    this.stream = stream
    this.events = events
  }

  start(): void {
    if (this.reading !== null) return
    this.setState('starting', null)
    this.reading = this.read().catch((error: unknown) =>
      this.setState(
        'failed',
        `Standard input cannot be read (${error instanceof Error ? error.message : String(error)}).`,
      ),
    )
  }

  async stop(): Promise<void> {
    this.cancel.abort()
    this.stream.destroy()
    await this.reading
    this.setState('off', null)
  }

  status(): SourceCounts {
    return this.meter.status(this.state, this.problem)
  }

  private async read(): Promise<void> {
    const reader = this.events.openReader()
    this.meter.begin(reader)
    let packets = 0
    const onPiece = (): void => {
      if (reader.hasHeader && this.state === 'starting') this.setState('running', null)
      this.meter.pushed(reader, packets)
      packets = reader.packets
    }
    // readCaptureStream calls the reader's end itself; what it holds stays counted.
    await readCaptureStream(this.stream, reader, { onPiece, signal: this.cancel.signal })
    const problem = reader.hasHeader ? null : describeRefused(reader)
    this.setState(problem === null ? 'ended' : 'failed', problem)
  }

  private setState(state: SourceState, problem: string | null): void {
    this.state = state
    this.problem = problem
    this.events.onChange?.()
  }
}

function describeRefused(reader: CaptureReader): string {
  const said = reader.allProblems()[0]?.message ?? 'nothing came in before it ended'
  return `What came in on standard input is no capture: ${said.replace(/^this is no capture: /, '')}. Is it written with -w - ?`
}

export const source: PacketSourceDefinition<'stdin'> = {
  kind: 'stdin',
  delivers: 'packets',
  setting: null,
  argument: '- for standard input',
  readme: {
    what: 'standard input',
    argument: '`-`',
    needs: '`… tcpdump -U -w - \\| telltale serve --source -`',
  },
  parseLine: () => null,
  parseArgument: (text) => (text === '-' ? { id: 'stdin', title: 'Standard input' } : null),
  // A worker's process.stdin is not the process's own.
  open: (_, events) => new StdinSource(createReadStream('/dev/stdin', { fd: 0, autoClose: false }), events),
}
