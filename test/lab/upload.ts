// An upload of a lab device to an address of the cloud that has no name.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Uploaded } from './messages.ts'
import { SINK_PORT } from './protocol.ts'

const PIECES_PER_SECOND = 20

let stops = 0

/** Ends each upload that is under way. */
export function stopUploads(): null {
  stops++
  return null
}

/** At an even rate, as far as the machine keeps up. */
export async function upload(address: string, bytes: number, seconds: number): Promise<Uploaded> {
  const socket = connect({ host: address, port: SINK_PORT })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const ended = new Promise<void>((resolve, reject) => socket.once('close', () => resolve()).once('error', reject))
  socket.resume()
  const pieces = Math.max(1, Math.round(seconds * PIECES_PER_SECOND))
  const from = Date.now()
  const progress: Uploaded['progress'] = []
  let sent = 0
  const begun = stops
  for (let piece = 1; piece <= pieces && stops === begun; piece++) {
    const due = Math.floor((bytes * piece) / pieces)
    const drained = socket.write(Buffer.alloc(due - sent, 0x59))
    sent = due
    if (!drained) await Promise.race([new Promise<void>((resolve) => socket.once('drain', resolve)), ended])
    progress.push([Date.now(), sent - socket.writableLength])
    await sleep(Math.max(0, from + (piece * 1000) / PIECES_PER_SECOND - Date.now()))
  }
  socket.end()
  await ended
  return { from, until: Date.now(), progress }
}
