// The page with hot reload in front of the real service, for work on either:
//   npm run dev [-- --page-port N --state DIR …]
// Further arguments are those of `telltale serve`. A change under ui/ is on the open page at once; after a change under
// server/, capture/ or rules/ the service is built again and restarted on the same port. Plain JavaScript.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createServer } from 'vite'
import { build } from './build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const PAGE_PORT = 5173
/** Editors write a file in several steps, and other programs many files at once. */
const QUIET_MS = 200

const say = (sentence) => console.error(`telltale: ${sentence}`)

let service = null
let vite = null

/** Runs `telltale serve`; resolves with the URL that it printed. */
function startService(args) {
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), 'serve', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  service = child
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
      const url = /http:\/\/localhost:\d+\/\S*/.exec(said)?.[0]
      if (url !== undefined) resolve(new URL(url))
    })
    child.once('exit', (status) => reject(new Error(`The service ended with status ${status}.`)))
  })
}

function stopService() {
  const child = service
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return undefined
  return new Promise((done) => {
    child.once('exit', done)
    child.kill('SIGTERM')
  })
}

/** Calls `changed` after the files under these folders were left alone for a moment; one call after the other. */
function watchSources(folders, changed) {
  let timer
  let last = Promise.resolve()
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => (last = last.then(changed)), QUIET_MS)
  }
  for (const folder of folders) watch(join(root, folder), { recursive: true }, soon)
}

const words = process.argv.slice(2)
const { values } = parseArgs({
  args: words,
  options: { 'page-port': { type: 'string' }, port: { type: 'string' }, state: { type: 'string' } },
  strict: false,
})
const serviceArgs = words.filter((word, at) => !word.startsWith('--page-port') && words[at - 1] !== '--page-port')
// A state of its own, so that work on the page never meets the state of this machine's real home.
if (values.state === undefined) serviceArgs.push('--state', join(root, '.cache/dev-state'))
if (values.port === undefined) serviceArgs.push('--port', '0')

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await Promise.all([vite?.close(), stopService()])
    process.exit(0)
  })

await build(say, { page: false })
const url = await startService(serviceArgs).catch((error) => {
  say(error.message)
  process.exit(1)
})
// Restarts come back on the same port: the last of several --port counts.
serviceArgs.push('--port', url.port)
process.env.TELLTALE_SERVICE = `http://127.0.0.1:${url.port}`
vite = await createServer({
  configFile: join(root, 'vite.config.ts'),
  server: { port: Number(values['page-port'] ?? PAGE_PORT) },
})
await vite.listen()

watchSources(['server', 'capture', 'rules'], async () => {
  try {
    if (!(await build(say, { page: false }))) return
    await stopService()
    await startService(serviceArgs)
    say('The service was restarted.')
  } catch (error) {
    say(`${error.message} The next change tries again.`)
  }
})

const page = new URL(url)
page.port = String(vite.httpServer.address().port)
console.log(`The page, with hot reload, is at ${page.href}`)
