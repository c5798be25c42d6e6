// A router's TZSP through a running service: to the page and the disk, across a restart and a port that is taken.
import type { Socket } from 'node:dgram'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Overview, SourceStatus, TrafficStatus } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { freePort, openSocket, STRANGER } from '../../support/tzsp-stream.ts'
import { tzsp } from '../../support/wire/tunnels.ts'
import { arpFrom, CAMERA, dnsAnswerA, ipLength, OTHER_SERVER, PHONE, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'

const stateFolder = mkdtempSync(join(tmpdir(), 'telltale-tzsp-'))
const hello = tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') })
let home: TestHome
let router: Socket
let stranger: Socket
let port: number

async function open(): Promise<void> {
  home = await startHome({ stateFolder, sources: [planOfArgument(`tzsp:${port},from=127.0.0.1`)] })
}

beforeAll(async () => {
  port = await freePort()
  router = await openSocket()
  stranger = await openSocket(STRANGER)
  await open()
}, 60_000)

afterAll(async () => {
  await home.close()
  for (const socket of [router, stranger]) socket.close()
  rmSync(stateFolder, { recursive: true, force: true })
})

/** Undefined in its first moments. */
async function source(): Promise<SourceStatus | undefined> {
  return (await home.client.get<TrafficStatus>('/api/traffic/live/status')).sources[0]
}

async function overview(): Promise<Overview> {
  const now = Math.floor(Date.now() / 1000)
  return await home.client.get(`/api/traffic/live/overview?from=${now - 86_400}&to=${now + 2}`)
}

const sentBy =
  (id: string) =>
  ({ devices }: Overview): number =>
    devices.find((device) => device.id === id)?.sent ?? 0

function send(from: Socket, ...frames: Uint8Array[]): Promise<void[]> {
  return Promise.all(
    frames.map(
      (frame) =>
        new Promise<void>((resolve, reject) =>
          from.send(tzsp(frame), port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
        ),
    ),
  )
}

/** What is sent before the port is open is lost. */
async function listening(): Promise<void> {
  await eventually(
    async () => {
      await send(router, arpFrom(CAMERA))
      return await source()
    },
    (now) => (now?.packets ?? 0) > 0,
  )
}

test('its devices, names and bytes are on the page; nothing of a sender that is not named is', async () => {
  await listening()
  await send(stranger, arpFrom(PHONE), tcpOut(PHONE, OTHER_SERVER))
  await send(router, dnsAnswerA(CAMERA, 'api.amazonalexa.com', SERVER), hello)
  const shown = await eventually(overview, (answer) => sentBy(CAMERA.mac)(answer) > 0)
  expect(sentBy(CAMERA.mac)(shown)).toBe(ipLength(hello))
  expect(shown.companies.map(({ slug, sent }) => [slug, sent])).toContainEqual(['alexa', ipLength(hello)])
  expect(await source()).toMatchObject({
    id: `tzsp:127.0.0.1:${port}`,
    kind: 'tzsp',
    state: 'running',
    problem: `2 datagrams from ${STRANGER} were left out: it is not named.`,
  })
})

test('after a restart all is there once, and what is new is added', async () => {
  await home.close()
  await open()
  await listening()
  expect(sentBy(CAMERA.mac)(await overview())).toBe(ipLength(hello))
  const again = tcpOut(CAMERA, SERVER, { sourcePort: 41_000 })
  await send(router, again)
  const shown = await eventually(overview, (answer) => sentBy(CAMERA.mac)(answer) > ipLength(hello))
  expect(sentBy(CAMERA.mac)(shown)).toBe(ipLength(hello, again))
})

test('a port that another program has is said, and taken once it is free', async () => {
  await home.close()
  const other = await openSocket('127.0.0.1', port)
  await open()
  const taken = await eventually(source, (now) => now?.state === 'failed')
  expect(taken?.problem).toContain(`UDP port ${port} of 127.0.0.1 is in use by another program`)
  await new Promise<void>((resolve) => other.close(resolve))
  await listening()
  const before = sentBy(CAMERA.mac)(await overview())
  const again = tcpOut(CAMERA, SERVER, { sourcePort: 42_000 })
  await send(router, again)
  const shown = await eventually(overview, (answer) => sentBy(CAMERA.mac)(answer) > before)
  expect(sentBy(CAMERA.mac)(shown)).toBe(before + ipLength(again))
})

test('a stranger’s device is in no file', () => {
  for (const name of readdirSync(stateFolder))
    expect([name, readFileSync(join(stateFolder, name)).includes(PHONE.mac)]).toEqual([name, false])
})
