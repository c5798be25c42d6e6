// Receivers of alerts in the lab: what each of Telltale's channels delivered, and when.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { freePort, Listener, Mosquitto, MOSQUITTO } from '../server/notify/mosquitto.ts'
import { SmtpSink } from '../server/notify/smtp-sink.ts'

export const CHANNELS = ['ntfy', 'webhook', 'email', 'mqtt'] as const
export type SinkName = (typeof CHANNELS)[number]

export interface Delivered {
  channel: SinkName
  /** Wall-clock time, milliseconds. */
  at: number
  text: string
}

export interface Sinks {
  delivered: Delivered[]
  /** For PATCH /api/settings. */
  settings: Record<string, unknown>
  close(): Promise<void>
}

/** On the loopback of the namespace that this is called in; without mosquitto there is no MQTT. */
export async function openSinks(): Promise<Sinks> {
  const delivered: Delivered[] = []
  const take = (channel: SinkName, text: string): number => delivered.push({ channel, at: Date.now(), text })
  const ntfy = await httpSink((body) => take('ntfy', body))
  const webhook = await httpSink((body) => take('webhook', body))
  const smtp = new SmtpSink()
  const smtpPort = await smtp.listen()
  // A mail is in the sink's list before its sender is answered.
  const mails = smtp.mails.push.bind(smtp.mails)
  smtp.mails.push = (...texts) => {
    for (const text of texts) take('email', decodeMail(text))
    return mails(...texts)
  }
  const broker = MOSQUITTO === null ? null : new Mosquitto(await freePort())
  await broker?.start()
  const listener = broker === null ? null : await Listener.at(broker.port)
  if (listener !== null) {
    const heard = listener.heard.push.bind(listener.heard)
    listener.heard.push = (...messages) => {
      for (const { topic, text } of messages) if (ALERT_TOPIC.test(topic) && text.startsWith('{')) take('mqtt', text)
      return heard(...messages)
    }
  }
  const at = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    delivered,
    settings: {
      ntfy: { server: at(ntfy), topic: 'lab', privateAddresses: true },
      webhook: { url: `${at(webhook)}/alerts`, privateAddresses: true },
      email: { host: '127.0.0.1', port: smtpPort, to: 'home@lab.example', plain: true, privateAddresses: true },
      ...(broker === null ? {} : { mqtt: { host: '127.0.0.1', port: broker.port, privateAddresses: true } }),
    },
    close: async () => {
      await listener?.close()
      await broker?.remove()
      await smtp.close()
      for (const server of [ntfy, webhook]) server.close()
    },
  }
}

function httpSink(take: (body: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece))
    request.on('end', () => {
      take(body)
      response.end('{}')
    })
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

/** Quoted-printable (RFC 2045, section 6.7) and encoded words of headers undone as far as amounts and names need it. */
function decodeMail(mail: string): string {
  return mail
    .replace(/=\r?\n/g, '')
    .replace(/(?:=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString())
}

/** Not the discovery of Home Assistant, in which each device has a sensor called alert. */
const ALERT_TOPIC = /^telltale\/.*\/alert(\/|$)/

const UNITS: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** The amounts of bytes that a text names: in words, and in the fields of JSON. */
export function amountsIn(text: string): number[] {
  const inWords = [...text.matchAll(/(\d+(?:[.,]\d+)?)[\s\u00a0\u202f]?(kB|MB|GB|TB|B)\b/g)].map(
    ([, amount, unit]) => Number(amount.replace(',', '.')) * UNITS[unit],
  )
  const inFields = [...text.matchAll(/"bytes":(\d+)/g)].map(([, amount]) => Number(amount))
  return [...inFields, ...inWords]
}
