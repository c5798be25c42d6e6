// Serves the page over a made-up home: the real HTTP app and sockets over the fake service, for work on the page and
// its tests.
//
//   npx tsx test/support/serve-fake.ts --port 4100 [--devices 200] [--endpoints 10000] [--hostile] [--learning]
// [--alerts 500] [--unclaimed] [--ui DIR]
//
// Prints one-time addresses that log in as admin and as viewer; the password of the admin is "telltale-admin", of the
// viewer "telltale-viewer".
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { emptyAccess } from '../../server/access/access-state.ts'
import { Accounts } from '../../server/access/accounts.ts'
import { buildHttpServer, hostCheckOf } from '../../server/http/http-server.ts'
import { COOKIE } from '../../server/http/session-cookie.ts'
import { attachLiveFeed } from '../../server/http/live-feed.ts'
import { createFakeService } from './fake-service.ts'
import { memoryFile } from './memory-file.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4100' },
    devices: { type: 'string', default: '14' },
    endpoints: { type: 'string', default: '0' },
    hostile: { type: 'boolean', default: false },
    learning: { type: 'boolean', default: false },
    alerts: { type: 'string' },
    unclaimed: { type: 'boolean', default: false },
    ui: { type: 'string' },
  },
})
const port = Number(values.port)
const service = createFakeService({
  devices: Number(values.devices),
  endpoints: Number(values.endpoints),
  hostile: values.hostile,
  learning: values.learning,
  ...(values.alerts === undefined ? {} : { alerts: Number(values.alerts) }),
})
const accounts = new Accounts({
  state: memoryFile(emptyAccess()),
  now: () => Math.floor(Date.now() / 1000),
  sessionDays: () => 30,
})
const isOurHost = hostCheckOf(service, false)
const app = buildHttpServer({
  service,
  accounts,
  version: 'fake',
  isOurHost,
  uiFolder: values.ui ?? null,
  requestsPerMinute: 100_000,
  onError: (error) => console.error(error),
})

const passwords = { admin: 'telltale-admin', viewer: 'telltale-viewer' }
const oneTime = new Map<string, 'admin' | 'viewer'>()
if (!values.unclaimed) {
  await accounts.claim(accounts.claimToken() as string, passwords.admin)
  await accounts.setViewerPassword(passwords.viewer)
  for (const role of ['admin', 'viewer'] as const) oneTime.set(randomBytes(8).toString('hex'), role)
  app.get('/as/:once', { config: { role: 'public' }, schema: { hide: true } }, async (request, reply) => {
    const { once } = request.params as { once: string }
    const role = oneTime.get(once)
    if (role === undefined) return reply.code(403).send('used already')
    oneTime.delete(once)
    const login = await accounts.login(passwords[role], request.ip)
    return reply.setCookie(COOKIE, login.id, { path: '/', httpOnly: true, sameSite: 'strict' }).redirect('/')
  })
}
attachLiveFeed(app.server, { service, accounts, isOurHost })
await app.listen({ host: '127.0.0.1', port })
setInterval(service.second, 1000)

const token = accounts.claimToken()
if (token !== null) console.log(`claim:  http://127.0.0.1:${port}/?token=${token}`)
for (const [once, role] of oneTime) console.log(`${role.padEnd(6)}  http://127.0.0.1:${port}/as/${once}`)
