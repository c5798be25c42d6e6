// The live feed: who may join a room, what is emitted there, and what a slow client costs.
import { connect, type Socket as TcpSocket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { io, type Socket } from 'socket.io-client'
import type { Login } from '../../../server/access/login-sessions.ts'
import type { ApiError, ClientEvents, Device, Room, ServerEvents } from '../../../server/api.ts'
import { COOKIE } from '../../../server/http/session-cookie.ts'
import { EVENT_ROLES, MOST_SOCKETS_OF_A_SESSION } from '../../../server/http/live-feed.ts'
import type { ServiceEvents } from '../../../server/http/service.ts'
import { createFakeService } from '../../support/fake-service.ts'
import { openLab, VIEWER_PASSWORD, type Lab } from './lab.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

type Client = Socket<ServerEvents, ClientEvents>
type Transport = 'polling' | 'websocket'

let lab: Lab
let base: string
let asked: Room[] = []
const watched: boolean[] = []
let devicesListener: ServiceEvents['devices'] = () => undefined
const clients: Client[] = []

beforeAll(async () => {
  const fake = createFakeService()
  const service = {
    ...fake,
    tickOf: (room: Room) => {
      asked.push(room)
      return fake.tickOf(room)
    },
    setWatched: (isWatched: boolean) => void watched.push(isWatched),
    on: <Name extends keyof ServiceEvents>(event: Name, listener: ServiceEvents[Name]) => {
      if (event === 'devices') devicesListener = listener as ServiceEvents['devices']
      fake.on(event, listener)
    },
  }
  lab = await openLab({ service })
  base = await lab.listen()
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  while (lab.live.sockets() > 0) await new Promise((resolve) => setTimeout(resolve, 1))
})
afterAll(async () => lab.close())

interface Dress {
  transport?: Transport
  headers?: Record<string, string>
  csrf?: string
}
function dial(login: Login | null, { transport = 'websocket', headers = {}, csrf }: Dress = {}): Client {
  const extraHeaders = { origin: base, ...(login === null ? {} : { cookie: `${COOKIE}=${login.id}` }), ...headers }
  const client: Client = io(base, {
    transports: [transport],
    reconnection: false,
    forceNew: true,
    auth: { csrf: csrf ?? login?.csrf },
    extraHeaders,
  })
  clients.push(client)
  return client
}
const outcome = (client: Client): Promise<'in' | 'refused'> =>
  new Promise((resolve) => {
    client.on('connect', () => resolve('in'))
    client.on('connect_error', () => resolve('refused'))
  })
const joined = (client: Client, room: string): Promise<ApiError | null> =>
  new Promise((resolve) => client.emit('join', room as Room, resolve))
const ended = (client: Client): Promise<unknown> => new Promise((resolve) => client.on('disconnect', resolve))

describe.each(['polling', 'websocket'] as const)('over %s', (transport) => {
  test('a viewer and the admin are let in', async () => {
    expect(await outcome(dial(lab.viewer, { transport }))).toBe('in')
    expect(await outcome(dial(lab.admin, { transport }))).toBe('in')
  })

  test('nobody, a foreign page, a page without one, a foreign name, and a page without the token are refused', async () => {
    const dresses: [Login | null, Dress][] = [
      [null, {}],
      [{ ...lab.admin, id: 'guessed' }, {}],
      [lab.admin, { headers: { origin: 'http://evil.example' } }],
      [lab.admin, { headers: { origin: 'null' } }],
      [lab.admin, { headers: { host: 'evil.example', origin: 'http://evil.example' } }],
      [lab.admin, { headers: { 'sec-fetch-site': 'cross-site' } }],
      [lab.admin, { csrf: '' }],
      [lab.admin, { csrf: lab.viewer.csrf }],
    ]
    for (const [login, dress] of dresses)
      expect([dress, await outcome(dial(login, { transport, ...dress }))]).toEqual([dress, 'refused'])
    expect(lab.live.sockets()).toBe(0)
  })

  test('logging out in one page ends the sockets of its session, and no other', async () => {
    const login = await lab.accounts.login(VIEWER_PASSWORD, '127.0.0.1')
    const [one, same, other] = [dial(login, { transport }), dial(login, { transport }), dial(lab.admin, { transport })]
    await Promise.all([one, same, other].map(outcome))
    let byes = 0
    one.on('bye', () => byes++)
    same.on('bye', () => byes++)
    const closed = Promise.all([ended(one), ended(same)])
    await lab.ask(login, { method: 'POST', url: '/api/logout' })
    await closed
    // A poll that is not waiting just then is refused instead.
    if (transport === 'websocket') expect(byes).toBe(2)
    expect([other.connected, await joined(other, 'home')]).toEqual([true, null])
    expect(await outcome(dial(login, { transport }))).toBe('refused')
  })

  test('a poll or an upgrade of a connection that is open is refused to a foreign page too', async () => {
    const client = dial(lab.admin, { transport })
    await outcome(client)
    const sid = (client.io.engine as unknown as { id: string }).id
    const answer = await fetch(`${base}/socket.io/?EIO=4&transport=polling&sid=${sid}`, {
      headers: { origin: 'http://evil.example', cookie: `${COOKIE}=${lab.admin.id}` },
    })
    expect(answer.status).toBe(400)
    const anonymous = await fetch(`${base}/socket.io/?EIO=4&transport=polling&sid=${sid}`)
    expect(anonymous.status).toBe(400)
  })
})

describe('rooms', () => {
  test('every event has a role, and nobody but who is logged in gets as far as sending one', () => {
    expect(EVENT_ROLES).toEqual({ join: 'viewer', leave: 'viewer' })
  })

  test.each(Object.keys(EVENT_ROLES))('%s is open to a viewer and to the admin', async (event) => {
    for (const login of [lab.viewer, lab.admin]) {
      const client = dial(login)
      await outcome(client)
      client.emit(event as 'leave', 'home')
      expect(await joined(client, 'home')).toBeNull()
    }
  })

  test('a tick is made once for a room, however many listen, and not for an empty one', async () => {
    const [one, other] = [dial(lab.viewer), dial(lab.admin)]
    await Promise.all([outcome(one), outcome(other)])
    await Promise.all([joined(one, 'home'), joined(other, 'home')])
    const heard = Promise.all(
      [one, other].map((client) => new Promise((resolve) => client.on('tick', (room, tick) => resolve([room, tick])))),
    )
    asked = []
    lab.service.second()
    const [first, second] = await heard
    expect(asked).toEqual(['home'])
    expect(first).toEqual(second)
    expect(first).toEqual(['home', lab.service.tickOf('home')])
  })

  test('the service knows whether anybody looks at the live home', async () => {
    watched.length = 0
    const [one, other] = [dial(lab.viewer), dial(lab.admin)]
    await Promise.all([outcome(one), outcome(other)])
    expect(watched).toEqual([])
    await joined(one, 'home')
    await joined(other, `device:${lab.service.devices('live')[0].id}`)
    expect(watched).toEqual([true])
    one.emit('leave', 'home')
    await joined(one, 'nowhere')
    expect(watched).toEqual([true])
    const closed = ended(other)
    other.disconnect()
    await closed
    while (watched.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(watched).toEqual([true, false])
  })

  test('one room of each kind: joining another leaves the first', async () => {
    const [{ id }, { id: next }] = lab.service.devices('live') as [Device, Device]
    const client = dial(lab.viewer)
    await outcome(client)
    for (const room of [`device:${id}`, `device:${next}`, 'home']) expect(await joined(client, room)).toBeNull()
    asked = []
    lab.service.second()
    expect(asked.sort()).toEqual([`device:${next}`, 'home'])
    client.emit('leave', `device:${next}`)
    await joined(client, 'home')
    asked = []
    lab.service.second()
    expect(asked).toEqual(['home'])
  })

  test.each([
    'nowhere',
    'device:',
    'device:nobody',
    'replay:replay-1',
    '__proto__',
    'x'.repeat(1000),
    'home:x',
    'device:<b>',
  ])('there is no room %j', async (room) => {
    const client = dial(lab.viewer)
    await outcome(client)
    expect((await joined(client, room))?.code).toBe('no-such-room')
    expect((await joined(client, 5 as unknown as string))?.code).toBe('no-such-room')
  })

  test('a replay ticks in its own rooms only', async () => {
    const upload = await lab.ask(lab.admin, {
      method: 'POST',
      url: '/api/replays',
      headers: { 'content-type': 'application/octet-stream' },
      payload: Buffer.alloc(100),
    })
    const { id } = upload.json<{ id: string }>()
    await lab.service.control(id, { action: 'play' })
    lab.service.second()
    const client = dial(lab.viewer)
    await outcome(client)
    expect(await joined(client, `replay:${id}`)).toBeNull()
    expect(await joined(client, `replay:${id}:device:${lab.service.devices(id)[0].id}`)).toBeNull()
    const rooms: string[] = []
    const both = new Promise<void>((resolve) =>
      client.on('tick', (room) => {
        if (rooms.push(room) === 2) resolve()
      }),
    )
    lab.service.second()
    await both
    expect(rooms.sort()).toEqual([`replay:${id}`, `replay:${id}:device:${lab.service.devices(id)[0].id}`])
  })

  test('an unknown event, and far too many events, end the connection', async () => {
    const [odd, flood] = [dial(lab.viewer), dial(lab.viewer)]
    await Promise.all([outcome(odd), outcome(flood)])
    const closed = Promise.all([ended(odd), ended(flood)])
    ;(odd as unknown as { emit: (event: string) => void }).emit('forget')
    for (let time = 0; time < 30; time++) flood.emit('leave', 'home')
    await closed
  })

  test('a session has so many sockets at most', async () => {
    const outcomes: string[] = []
    for (let number = 0; number <= MOST_SOCKETS_OF_A_SESSION; number++) outcomes.push(await outcome(dial(lab.viewer)))
    expect(outcomes.filter((one) => one === 'in').length).toBe(MOST_SOCKETS_OF_A_SESSION)
    expect(outcomes.at(-1)).toBe('refused')
  })
})

describe('a client that stops reading', () => {
  test('misses ticks and is let go before it costs 10 MB; another hears everything', async () => {
    const other = dial(lab.admin)
    await outcome(other)
    await joined(other, 'home')
    let heard = 0
    other.on('devices', () => heard++)
    const stopped = await deafClient(lab.viewer)
    const devices = Array.from({ length: 30 }, () => lab.service.devices('live')).flat()
    const memory = (): number => {
      collectGarbage()
      return process.memoryUsage().external + process.memoryUsage().heapUsed
    }
    const before = memory()
    let most = 0
    let reported = 0
    while (lab.live.sockets() === 2) {
      devicesListener('live', devices)
      lab.service.second()
      reported++
      if (reported % 8 === 0) most = Math.max(most, memory() - before)
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (reported > 3000) throw new Error('the stopped client was never let go')
    }
    expect(reported).toBeGreaterThan(16)
    expect(most).toBeLessThan(10_000_000)
    while (heard < reported) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(other.connected).toBe(true)
    stopped.destroy()
  })
})

/** A websocket that says what it must to be in, and then never reads again. */
async function deafClient(login: Login): Promise<TcpSocket> {
  const { host, port } = new URL(base)
  const socket = connect(Number(port), '127.0.0.1')
  const received = (text: string): Promise<void> =>
    new Promise((resolve) => {
      let all = ''
      const listen = (chunk: Buffer): void => {
        all += chunk.toString('latin1')
        if (!all.includes(text)) return
        socket.off('data', listen)
        resolve()
      }
      socket.on('data', listen)
    })
  const open = received('"sid"')
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${base}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: ${COOKIE}=${login.id}\r\n\r\n`,
  )
  await open
  const accepted = received('40{')
  socket.write(frame(`40${JSON.stringify({ csrf: login.csrf })}`))
  await accepted
  const inside = received('430[')
  socket.write(frame('420["join","home"]'))
  await inside
  socket.pause()
  return socket
}

/** A masked text frame (RFC 6455, section 5.2) with a mask of zeroes. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}
