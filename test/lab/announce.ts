// Multicast DNS announcements of the lab's devices.
import { createSocket } from 'node:dgram'
import { encode } from 'dns-packet'
import type { Announcement } from './plan.ts'

const GROUP = '224.0.0.251'
const PORT = 5353
/** RFC 6762 section 10: names of hosts live two minutes, others 75. */
const HOST_SECONDS = 120
const OTHER_SECONDS = 4500

/** Sends the announcement of RFC 6762 section 8.3, twice. */
export async function announce(
  address: string,
  host: string,
  { service, instance, text }: Announcement,
): Promise<void> {
  const name = `${service}.local`
  const full = `${instance}.${name}`
  const message = encode({
    type: 'response',
    flags: 1 << 10,
    answers: [
      { type: 'PTR', name, ttl: OTHER_SECONDS, data: full },
      { type: 'SRV', name: full, ttl: HOST_SECONDS, data: { port: 80, target: `${host}.local` } },
      { type: 'TXT', name: full, ttl: OTHER_SECONDS, data: text },
      { type: 'A', name: `${host}.local`, ttl: HOST_SECONDS, data: address },
    ],
  })
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  await new Promise<void>((resolve) => socket.bind(PORT, address, () => resolve()))
  socket.setMulticastInterface(address)
  socket.setMulticastTTL(255)
  for (let time = 0; time < 2; time++) {
    await new Promise<void>((resolve, reject) =>
      socket.send(message, PORT, GROUP, (error) => (error === null ? resolve() : reject(error))),
    )
  }
  socket.close()
}
