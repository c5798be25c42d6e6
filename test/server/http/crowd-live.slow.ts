// The whole service on a network of 250 hosts that try to shut the owner out; what the owner waits for is printed.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cable, run, whyNoNamespaces } from '../../capture/sources/network-namespace.ts'
import { MOST_SOCKETS_OF_A_VIEWERS_ADDRESS } from '../../../server/http/live-places.ts'

const cli = join(import.meta.dirname, '../../../dist/cli.js')
const attacker = join(import.meta.dirname, 'crowd-attack.ts')
const PORT = 8480
const whyNot = whyNoNamespaces()
if (whyNot !== null) console.log(`crowd-live: skipped, as ${whyNot}`)

describe.skipIf(whyNot !== null)('the owner on a network with hostile hosts', () => {
  const state = mkdtempSync(join(tmpdir(), 'telltale-crowd-'))
  let cable: Cable
  let service: ChildProcess
  beforeAll(async () => {
    cable = new Cable()
    for (let host = 3; host <= 252; host++)
      run('ip', '-n', cable.far, 'addr', 'add', `10.99.0.${host}/24`, 'dev', 'cable')
    const options = ['netns', 'exec', cable.near, process.execPath, cli, 'serve', '--lan']
    service = spawn('ip', [...options, '--port', String(PORT), '--state', state], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const token = await new Promise<string>((resolve) => {
      let text = ''
      service.stdout?.on('data', (piece: Buffer) => {
        text += piece.toString()
        const found = /token=([\w-]+)/.exec(text)
        if (found !== null) resolve(found[1])
      })
    })
    expect(await from(cable.near, `http://localhost:${PORT}`, token)).toEqual([200, 200])
  }, 60_000)
  afterAll(async () => {
    const ended = new Promise((resolve) => service.once('exit', resolve))
    service.kill('SIGTERM')
    await ended
    cable.remove()
    rmSync(state, { recursive: true, force: true })
  })

  async function from(namespace: string, ...args: string[]): Promise<unknown> {
    const options = ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', attacker, ...args]
    const { stdout } = await promisify(execFile)('ip', options, { maxBuffer: 1 << 20 })
    return JSON.parse(stdout) as unknown
  }

  test('sees the page, logs in and stays logged in, whatever they hold and try', { timeout: 300_000 }, async () => {
    const measured = (await from(cable.far, `http://10.99.0.2:${PORT}`)) as Record<string, { slowest?: number }>
    console.log('milliseconds that the owner waited:', JSON.stringify(measured))
    const answered = { answered: true, slowest: expect.any(Number) as number }
    expect(measured).toEqual({
      quiet: answered,
      oneHost: answered,
      manyHosts: answered,
      wrongPasswords: [401],
      stranger: 429,
      knownBrowser: { status: 200, milliseconds: expect.any(Number) as number },
      viewerSockets: MOST_SOCKETS_OF_A_VIEWERS_ADDRESS,
      ownersSocket: expect.any(Number) as number,
      ownersSession: 200,
      afterwards: answered,
    })
  })
})
