// Test server with a built page: the real app over the made-up home, on a port of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from '../../server/build.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const PAGE_FOLDER = join(root, 'dist/ui')
export const ADMIN_PASSWORD = 'telltale-admin'
const PATIENCE_MS = 30_000

export interface FakeServer {
  url: string
  stop(): Promise<void>
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function whenListening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const tooLong = setTimeout(() => reject(new Error(`The server did not start: ${said}`)), PATIENCE_MS)
    const onOutput = (chunk: Buffer): void => {
      said += chunk.toString()
      if (!said.includes('http://127.0.0.1')) return
      clearTimeout(tooLong)
      resolve()
    }
    child.stdout?.on('data', onOutput)
    child.stderr?.on('data', onOutput)
    child.once('exit', (code) => {
      clearTimeout(tooLong)
      reject(new Error(`The server ended with ${code}: ${said}`))
    })
  })
}

/** Starts serve-fake.ts with further options, such as `--hostile`; the page is built before where it changed. */
export async function startFakeServer(options: string[] = []): Promise<FakeServer> {
  await build()
  const port = await freePort()
  const script = join(root, 'test/support/serve-fake.ts')
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, '--port', String(port), '--ui', PAGE_FOLDER, ...options],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  await whenListening(child)
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit')
        child.once('exit', () => resolve())
        child.kill()
      }),
  }
}
