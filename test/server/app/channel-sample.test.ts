// Alerts of the sample home and of recordings stay on the page, though every channel is set up and works.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertRow, ChannelTest, Replay, SettingsPage } from '../../../server/api.ts'
import { SECRET_IS_SET } from '../../../server/settings/settings.ts'
import type { ChannelState } from '../../../server/app/channel-state.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, SERVER, tcpOut } from '../engine/lab.ts'
import { freePort, Listener, Mosquitto, MOSQUITTO, NO_MOSQUITTO } from '../notify/mosquitto.ts'
import { SmtpSink } from '../notify/smtp-sink.ts'

let home: TestHome
let sink: Server
let broker: Mosquitto | null = null
let listener: Listener | null = null
const mail = new SmtpSink()
const posts: string[] = []
const names = ['webhook', 'ntfy', 'email', ...(MOSQUITTO === null ? [] : ['mqtt'])]

beforeAll(async () => {
  if (MOSQUITTO === null) console.log(NO_MOSQUITTO)
  sink = createServer((request, response) => {
    let body = ''
    request
      .on('data', (piece: Buffer) => (body += piece.toString()))
      .on('end', () => {
        posts.push(body)
        response.writeHead(204, { connection: 'close' }).end()
      })
  })
  await new Promise<void>((done) => sink.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`
  const mailPort = await mail.listen()
  if (MOSQUITTO !== null) {
    broker = new Mosquitto(await freePort())
    await broker.start()
    listener = await Listener.at(broker.port)
  }
  home = await startHome()
  const page = await home.client.send<SettingsPage>('PATCH', '/api/settings', {
    home: { learningDays: 0 },
    webhook: { url: `${url}/hook`, privateAddresses: true },
    ntfy: { server: url, topic: 'topic', privateAddresses: true },
    email: { host: '127.0.0.1', port: mailPort, to: 'me@home.example', plain: true, privateAddresses: true },
    ...(broker === null
      ? {}
      : {
          mqtt: { host: '127.0.0.1', port: broker.port, user: 'telltale', password: 'secret', privateAddresses: true },
        }),
  })
  if (broker !== null)
    expect(page.values['mqtt']).toMatchObject({ user: 'telltale', password: SECRET_IS_SET, discovery: 'homeassistant' })
})
afterAll(async () => {
  await home.close()
  await listener?.close()
  await Promise.all([mail.close(), broker?.remove(), new Promise((done) => sink.close(done))])
})

/** A camera that sends 60 MB within a minute to an address without a name. */
function recording(): Uint8Array {
  const start = 1_750_000_000
  const records: Uint8Array[] = [pcapHeader({})]
  const put = (seconds: number, bytes: Uint8Array): void => {
    records.push(pcapRecord({ seconds, nanos: 1000, bytes, originalLength: bytes.length }))
  }
  put(start, arpFrom(CAMERA))
  const payload = new Uint8Array(50_000)
  for (let second = 1; second <= 60; second++)
    for (let packet = 0; packet < 20; packet++) put(start + second, tcpOut(CAMERA, SERVER, { payload }))
  return Buffer.concat(records)
}

test('alerts of the sample and of a recording reach no channel; a test message does, and devices of the sample are not at the broker', async () => {
  await eventually(
    () => home.client.get<AlertRow[]>('/api/traffic/live/alerts'),
    (alerts) => alerts.some(({ state }) => state === 'open'),
  )
  const { id } = await home.client.upload<Replay>('upload.pcap', recording())
  await eventually(
    () => home.client.get<Replay>(`/api/replays/${id}`),
    ({ state }) => state === 'ready',
  )
  await home.client.send('POST', `/api/replays/${id}/control`, { action: 'speed', speed: 'max' })
  await home.client.send('POST', `/api/replays/${id}/control`, { action: 'play' })
  await eventually(
    () => home.client.get<AlertRow[]>(`/api/traffic/${id}/alerts`),
    (alerts) => alerts.some(({ state }) => state === 'open'),
  )
  for (const name of names)
    expect(await home.client.send<ChannelTest>('POST', `/api/channels/${name}/test`)).toEqual({
      delivered: true,
      reason: null,
    })

  const state = JSON.parse(readFileSync(join(home.stateFolder, 'channels.json'), 'utf8')) as ChannelState
  expect(Object.values(state.waiting).flat()).toEqual([])
  expect(Object.values(state.told).flatMap(({ incidents }) => incidents)).toEqual([])
  expect(posts.map((body) => body.includes('This is a test'))).toEqual([true, true])
  expect(mail.mails.map((text) => text.includes('This is a test'))).toEqual([true])
  if (broker === null) return
  await listener?.until(({ topic }) => topic.endsWith('/alert'))
  expect(
    listener?.heard.filter(({ topic }) => topic.endsWith('/alert')).map(({ text }) => text.includes('This is a test')),
  ).toEqual([true])
  expect(
    [...(await Listener.retainedAt(broker.port)).entries()].map(([topic, text]) => [topic.split('/').at(-1), text]),
  ).toEqual([['availability', 'online']])
})

test('a channel that is not set up cannot be tested', async () => {
  await home.client.send('PATCH', '/api/settings', { webhook: { url: '' } })
  await expect(home.client.send('POST', '/api/channels/webhook/test')).rejects.toThrow('404')
})
