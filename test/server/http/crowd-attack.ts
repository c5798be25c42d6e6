// The other side of crowd-live.slow.ts: hosts of one network that try to shut the owner out, and the owner, who
// measures.
//   crowd-attack.ts BASE TOKEN      on this machine: sets the passwords
//   crowd-attack.ts BASE            from 10.99.0.0/24, with many addresses; prints what was measured as JSON
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { io } from 'socket.io-client'

const [base = '', token] = process.argv.slice(2)
const { hostname, port } = new URL(base)
const [ADMIN, VIEWER] = ['the admin password', 'the viewer password']
const OWNER = '10.99.0.250'

interface Answer {
  status: number
  cookie: string
  csrf: string
  milliseconds: number
}

function ask(path: string, from?: string, body?: unknown, cookie = '', csrf = ''): Promise<Answer> {
  const bytes = body === undefined ? '' : JSON.stringify(body)
  const began = performance.now()
  return new Promise((resolve) => {
    const failed = (): void => resolve({ status: 0, cookie, csrf, milliseconds: performance.now() - began })
    const request = httpRequest(`${base}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      agent: false,
      ...(from === undefined ? {} : { localAddress: from }),
      headers: {
        origin: base,
        cookie,
        'x-csrf-token': csrf,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
      },
    })
    request.on('error', failed)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('error', failed)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          cookie: (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; '),
          csrf: /"csrf":"([^"]+)"/.exec(text)?.[1] ?? '',
          milliseconds: performance.now() - began,
        }),
      )
    })
    request.end(bytes)
  })
}

const logIn = (password: string, from: string, cookie = ''): Promise<Answer> =>
  ask('/api/login', from, { password }, cookie)

const SLOW = [
  '',
  `GET / HTTP/1.1\r\nHost: ${hostname}\r\nX-Slow: `,
  `POST /api/login HTTP/1.1\r\nHost: ${hostname}\r\nOrigin: ${base}\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{`,
]

/** Connections that say little; one that is closed is opened again. */
function hold(addresses: string[], count: number): () => void {
  let isOver = false
  const sockets = new Set<ReturnType<typeof connect>>()
  const dial = (index: number): void => {
    if (isOver) return
    const socket = connect({ host: hostname, port: Number(port), localAddress: addresses[index % addresses.length] })
    sockets.add(socket)
    socket.on('data', () => undefined)
    socket.on('error', () => undefined)
    socket.on('connect', () => void socket.write(SLOW[index % SLOW.length]))
    socket.on('close', () => {
      sockets.delete(socket)
      setTimeout(dial, 100, index)
    })
  }
  for (let index = 0; index < count; index++) dial(index)
  return () => {
    isOver = true
    for (const socket of sockets) socket.destroy()
  }
}

function dialLive(login: Answer, from: string): Promise<number | null> {
  const began = performance.now()
  const client = io(base, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth: { csrf: login.csrf },
    extraHeaders: { origin: base, cookie: login.cookie },
    localAddress: from,
  } as object)
  return new Promise((resolve) => {
    client.on('connect', () => resolve(performance.now() - began))
    client.on('connect_error', () => resolve(null))
  })
}

const hosts = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `10.99.0.${first + index}`)

/** The slowest of ten visits by the owner, on new connections, and whether all were answered. */
async function visits(owner: Answer): Promise<{ answered: boolean; slowest: number }> {
  const found: Answer[] = []
  for (let time = 0; time < 5; time++) {
    found.push(await ask('/', OWNER, undefined, owner.cookie))
    found.push(await ask('/api/session', OWNER, undefined, owner.cookie))
  }
  return {
    answered: found.every(({ status }) => status === 200),
    slowest: Math.round(Math.max(...found.map(({ milliseconds }) => milliseconds))),
  }
}

async function attack(): Promise<Record<string, unknown>> {
  const owner = await logIn(ADMIN, OWNER)
  const measured: Record<string, unknown> = { quiet: await visits(owner) }
  for (const [name, addresses] of [
    ['oneHost', hosts(3, 1)],
    ['manyHosts', hosts(3, 200)],
  ] as const) {
    const release = hold(addresses, 600)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    measured[name] = await visits(owner)
    release()
  }
  const statuses = new Set<number>()
  for (const host of hosts(3, 20))
    for (let time = 0; time < 5; time++) statuses.add((await logIn('wrong password', host)).status)
  measured['wrongPasswords'] = [...statuses]
  measured['stranger'] = (await logIn(ADMIN, '10.99.0.240')).status
  const again = await logIn(ADMIN, OWNER, owner.cookie)
  measured['knownBrowser'] = { status: again.status, milliseconds: Math.round(again.milliseconds) }
  return { ...measured, ...(await attackAsViewer(again)) }
}

/** A viewer who logged in before the passwords were tried has the known browser that logs in now. */
async function attackAsViewer(owner: Answer): Promise<Record<string, unknown>> {
  const sockets = await Promise.all(
    Array.from({ length: 64 }, (_, index) => dialLive(viewers[index % viewers.length], '10.99.0.3')),
  )
  const own = await dialLive(owner, OWNER)
  for (let time = 0; time < 100; time++) await logIn(VIEWER, '10.99.0.3', viewers[0].cookie)
  const session = await ask('/api/words', OWNER, undefined, owner.cookie)
  return {
    viewerSockets: sockets.filter((one) => one !== null).length,
    ownersSocket: own === null ? null : Math.round(own),
    ownersSession: session.status,
    afterwards: await visits(owner),
  }
}

const viewers: Answer[] = []
if (token !== undefined) {
  const admin = await ask('/api/claim', undefined, { token, password: ADMIN })
  const viewer = await ask('/api/viewer-password', undefined, { password: VIEWER }, admin.cookie, admin.csrf)
  console.log(JSON.stringify([admin.status, viewer.status]))
} else {
  for (let time = 0; time < 8; time++) viewers.push(await logIn(VIEWER, '10.99.0.3'))
  console.log(JSON.stringify(await attack()))
}
process.exit(0)
