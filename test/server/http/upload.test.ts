// The upload of a recording is streamed, and refused before it is read.
import { request } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Replay } from '../../../server/api.ts'
import { createFakeService } from '../../support/fake-service.ts'
import { codeOf, openLab, pageHeaders, type Lab } from './lab.ts'

let lab: Lab
let base: string
const uploads: { name: string; size: number | null; bytes: number }[] = []
/** Set by a test that wants to hold the reader up. */
let onBody: (body: Readable) => Promise<void> = async () => undefined

beforeEach(() => {
  uploads.length = 0
  onBody = async () => undefined
})
beforeAll(async () => {
  const fake = createFakeService()
  lab = await openLab({
    service: {
      ...fake,
      upload: async (name, size, body) => {
        await onBody(body)
        return fake.upload(
          name,
          size,
          body.on('data', (chunk: Buffer) => {
            uploads.at(-1)!.bytes += chunk.length
          }) && (uploads.push({ name, size, bytes: 0 }), body),
        )
      },
    },
  })
  base = await lab.listen()
})
afterAll(async () => lab.close())

const send = (name: string, payload: Buffer, headers = {}) =>
  lab.ask(lab.admin, {
    method: 'POST',
    url: '/api/replays',
    headers: { 'content-type': 'application/octet-stream', 'x-file-name': name, ...headers },
    payload,
  })

describe('an upload', () => {
  test('reaches the service with its name and size', async () => {
    const answer = await send(encodeURIComponent('küche.pcap'), Buffer.alloc(5000))
    expect(answer.json<Replay>()).toMatchObject({ name: 'küche.pcap', bytesTotal: 5000, state: 'ready' })
    expect(uploads).toEqual([{ name: 'küche.pcap', size: 5000, bytes: 5000 }])
    const log = (await lab.ask(lab.admin, { method: 'GET', url: '/api/access-log' })).body
    expect(log).toContain('"replay"')
    expect(log).not.toContain('küche')
  })

  test.each([
    ['../../x.pcap', 'x.pcap'],
    ['C:\\temp\\y.pcap', 'y.pcap'],
    ['a\u0000\u202eb.pcap', 'ab.pcap'],
    ['', 'recording'],
    ['..', '..'],
    ['x'.repeat(600), 'x'.repeat(255)],
  ])('named %j is called %j', async (given, shown) => {
    expect((await send(encodeURIComponent(given), Buffer.alloc(100))).json<Replay>().name).toBe(shown)
  })

  test('of another type, with a broken name, or that is no capture, is refused', async () => {
    expect(codeOf(await send('x', Buffer.alloc(100), { 'content-type': 'multipart/form-data; boundary=x' }))).toBe(
      'wrong-type',
    )
    expect(codeOf(await send('x', Buffer.from('{}'), { 'content-type': 'application/json' }))).toBe('wrong-type')
    expect(codeOf(await send('%zz', Buffer.alloc(100)))).toBe('bad-name')
    expect(codeOf(await send('x', Buffer.alloc(10)))).toBe('not-a-capture')
    expect(uploads.length).toBe(1)
  })

  test('is held back at the sender while the service does not read', async () => {
    let go = (): void => undefined
    const reading = new Promise<void>((resolve) => {
      go = resolve
    })
    let started = (): void => undefined
    const arrived = new Promise<void>((resolve) => {
      started = resolve
    })
    onBody = async () => {
      started()
      await reading
    }
    const chunk = Buffer.alloc(64 * 1024)
    const total = 100 * 1024 * 1024
    let taken = 0
    const source = Readable.from(
      (function* () {
        for (; taken < total; taken += chunk.length) yield chunk
      })(),
    )
    const answered = new Promise<string>((resolve, reject) => {
      const headers = {
        ...pageHeaders(lab.admin, base),
        'content-type': 'application/octet-stream',
        'x-file-name': 'big.pcap',
        'content-length': total,
      }
      const sending = request(`${base}/api/replays`, { method: 'POST', headers }, (answer) => {
        let text = ''
        answer
          .on('data', (part: Buffer) => {
            text += part.toString()
          })
          .on('end', () => resolve(text))
      })
      sending.on('error', reject)
      source.pipe(sending)
    })
    await arrived
    // The buffers of the two sockets fill; when nothing more was taken in 20 turns of the loop, the sender waits.
    for (let quiet = 0, before = -1; quiet < 20; quiet = taken === before ? quiet + 1 : 0) {
      before = taken
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(taken).toBeLessThan(total / 4)
    go()
    expect(JSON.parse(await answered)).toMatchObject({ bytesTotal: total })
    expect(uploads[0].bytes).toBe(total)
  })

  test('by nobody is refused at its headers, and its connection is ended', async () => {
    const { host, hostname, origin, port } = new URL(base)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `POST /api/replays HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Type: application/octet-stream\r\nContent-Length: 2000000000\r\n\r\n${'x'.repeat(1000)}`,
        ),
      )
      let text = ''
      socket
        .on('data', (chunk: Buffer) => {
          text += chunk.toString()
        })
        .on('error', () => undefined)
        .on('close', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(uploads).toEqual([])
  })
})
