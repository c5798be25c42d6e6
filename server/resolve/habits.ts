// Ports a device uses and how it moves bytes, from the engine's sums: evidence of its kind where no name was seen.
import type { Engine } from '../engine/engine.ts'
import { NO_MAC } from '../engine/ownership.ts'
import { BindingNumber } from '../engine/row-table.ts'
import type { Habit } from '../identity/device-evidence.ts'
import type { DeviceBindings } from './devices.ts'

/** Ports of one device that are looked at, of all its addresses. */
const MAX_PORTS = 64

/** Video sends and hears only that it arrived: a clip of ten seconds at 300 kbit/s is as large as this. */
const UPLOADED_BYTES = 375_000
const UPLOAD_RATIO = 4
/** Voice and reports are as large as their answers; pages, pictures and films are many times their requests. */
const ANSWERED_BYTES = 100_000
const ANSWER_SHARE = 0.4
const TAKEN_BYTES = 2_000_000
const TAKEN_RATIO = 10
/** The same as an upload within the home, where the far end is a phone nearby or a recorder. */
const STREAMED_HOME_BYTES = 500_000
/** A firmware update is smaller (IoT firmware: 1 to 50 MB), or comes once. */
const DOWNLOADED_BYTES = 60_000_000
const DOWNLOAD_RATIO = 8
/** Keep-alives of some connections: one packet of a hundred bytes every few seconds. */
const QUIET_BYTES_PER_SECOND = 60
const QUIET_SECONDS = 900

/** Ports in the words of DeviceEvidence, each once. */
export function portsOf(engine: Engine, { bindings }: DeviceBindings): string[] {
  const found = new Set<string>()
  for (const binding of bindings) {
    for (const port of engine.ports.of(binding)) found.add(port)
    if (found.size >= MAX_PORTS) break
  }
  return [...found].slice(0, MAX_PORTS)
}

export function habitsOf(engine: Engine, { bindings, mac }: DeviceBindings): Habit[] {
  const sum = (field: number): number =>
    bindings.reduce((all, binding) => all + engine.rows.bindingNumber(binding, field), 0)
  const [sent, received] = [sum(BindingNumber.Sent), sum(BindingNumber.Received)]
  const [sentLocal, receivedLocal] = [sum(BindingNumber.SentLocal), sum(BindingNumber.ReceivedLocal)]
  const seconds = engine.clock.last - engine.clock.first
  const found: Habit[] = mac !== NO_MAC && engine.ownership.isRouter(mac) ? ['routes'] : []
  if (sent >= UPLOADED_BYTES && sent >= UPLOAD_RATIO * received) found.push('uploads')
  if (sentLocal >= STREAMED_HOME_BYTES && sentLocal >= UPLOAD_RATIO * receivedLocal) found.push('streams-home')
  if (sent >= ANSWERED_BYTES && sent >= ANSWER_SHARE * received) found.push('answers')
  if (received >= TAKEN_BYTES && received >= TAKEN_RATIO * sent) found.push('takes')
  if (received >= DOWNLOADED_BYTES && received >= DOWNLOAD_RATIO * sent) found.push('downloads')
  const isQuiet = sent + received > 0 && (sent + received) / seconds <= QUIET_BYTES_PER_SECOND
  if (seconds >= QUIET_SECONDS && isQuiet) found.push('quiet')
  return found
}
