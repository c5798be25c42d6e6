// A TZSP source on a port of this machine that feeds an engine, and what sends to it.
import { createSocket, type Socket } from 'node:dgram'
import { READ_TO_ENGINE } from '../../capture/core/constants.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import type { SourceEvents } from '../../capture/sources/source.ts'
import { TzspSource } from '../../capture/sources/tzsp.ts'
import { Engine } from '../../server/engine/engine.ts'
import { BindingNumber, RowNumber } from '../../server/engine/row-table.ts'

/** Nobody names it. */
export const STRANGER = '127.0.0.9'

export async function openSocket(address = '127.0.0.1', port = 0): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address, port }, resolve)
  })
  return socket
}

export async function freePort(): Promise<number> {
  const socket = await openSocket()
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}

export class TzspStream {
  readonly engine = new Engine()
  readonly gaps: [from: number, to: number][] = []
  readonly source: TzspSource
  readonly port: number
  private readonly sockets = new Map<string, Socket>()

  private constructor(port: number, senders: string[], onChange: () => void) {
    this.port = port
    const events: SourceEvents = {
      openReader: () => this.reader(0),
      onGap: (from, to) => this.gaps.push([from, to]),
      onChange,
    }
    this.source = new TzspSource({ address: '127.0.0.1', port, senders }, events)
    this.source.start()
  }

  static async open(senders: string[] = ['127.0.0.1']): Promise<TzspStream> {
    const port = await freePort()
    let changes = 0
    const stream = await new Promise<TzspStream>((resolve) => {
      // It starts, and then is bound.
      const opened: TzspStream = new TzspStream(port, senders, () => {
        if (++changes === 2) resolve(opened)
      })
    })
    for (const address of [...senders, STRANGER]) stream.sockets.set(address, await openSocket(address))
    return stream
  }

  /** A reader of another source of the same home. */
  reader(source: number): CaptureReader {
    return new CaptureReader({ core: this.engine.core, mode: READ_TO_ENGINE, source })
  }

  async send(datagram: Uint8Array, from = '127.0.0.1'): Promise<void> {
    const socket = this.sockets.get(from) as Socket
    await new Promise<void>((resolve, reject) =>
      socket.send(datagram, this.port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
    )
  }

  /** Every IP byte, by where it counts. Nothing more may come. */
  sums(): Record<'ip' | 'internet' | 'local' | 'copied', number> {
    const { engine } = this
    engine.finish()
    let internet = 0
    for (let row = 0; row < engine.rows.used; row++)
      internet += engine.rows.number(row, RowNumber.Sent) + engine.rows.number(row, RowNumber.Received)
    let local = 0
    for (let binding = 0; binding < engine.ownership.bindingsUsed; binding++)
      local += engine.rows.bindingNumber(binding, BindingNumber.SentLocal)
    return { ip: engine.ipBytes, internet, local, copied: engine.copies.packets }
  }

  async close(): Promise<void> {
    await this.source.stop()
    for (const socket of this.sockets.values()) await new Promise<void>((resolve) => socket.close(() => resolve()))
    this.sockets.clear()
  }
}
