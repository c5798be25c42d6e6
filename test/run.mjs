// Runs the tests after setting up what they need: node test/run.mjs run|watch [vitest's words]. Plain JavaScript
// without packages: on a fresh clone it runs before anything is installed.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { areUnbuilt } from './support/unbuilt.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs a script of ours with this node and gives its exit status. Ctrl-C reaches it as well, so we wait for its end.
 */
function run(args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
    const pass = (signal) => child.pid !== undefined && child.kill(signal)
    process.on('SIGTERM', pass)
    process.on('SIGINT', () => {})
    child.on('error', () => done(127))
    child.on('exit', (status) => done(status ?? 1))
  })
}

const [mode, ...words] = process.argv.slice(2)
const setUp = await run(['server/setup.mjs', areUnbuilt(words) ? 'packages' : 'test'])
process.exitCode = setUp === 0 ? await run(['node_modules/vitest/vitest.mjs', mode, ...words]) : setUp
