// A packet at which the engine fails costs itself and nothing else; one that stopped the engine twice is never given to
// it again.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Overview, TrafficStatus } from '../../../server/api.ts'
import type { FailedInputState } from '../../../server/app/failed-input.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { sourceWorker } from '../../support/source-worker.ts'
import { arpFrom, CAMERA, ipLength, SERVER, tcpOut } from '../engine/lab.ts'

// As in test/support/poisoned-engine.ts, which runs in a worker only.
const THROWS = 'poison that throws'
const HANGS = 'poison that hangs'

const folder = mkdtempSync(join(tmpdir(), 'telltale-poison-'))
const captures = join(folder, 'captures')
const capture = join(captures, 'home-1.pcap')
const stateFolder = join(folder, 'state')
let home: TestHome
let sent = 0
let port = 40_000

function append(bytes: Uint8Array): void {
  appendFileSync(capture, pcapRecord({ seconds: Math.floor(Date.now() / 1000), bytes }))
}
function appendGood(): void {
  const bytes = tcpOut(CAMERA, SERVER, { sourcePort: port++ })
  append(arpFrom(CAMERA))
  append(bytes)
  sent += ipLength(bytes)
}
const poison = (word: string): Uint8Array => tcpOut(CAMERA, SERVER, { sourcePort: 666, payload: text(word) })
const status = (): Promise<TrafficStatus> => home.client.get('/api/traffic/live/status')
async function shownSent(): Promise<number> {
  const now = Math.floor(Date.now() / 1000)
  const { devices } = await home.client.get<Overview>(`/api/traffic/live/overview?from=${now - 86_400}&to=${now + 2}`)
  return devices.find(({ id }) => id === CAMERA.mac)?.sent ?? 0
}
const failedInput = (): FailedInputState['entries'] =>
  (JSON.parse(readFileSync(join(stateFolder, 'failed-input.json'), 'utf8')) as FailedInputState).entries
const keptFiles = (): string[] =>
  existsSync(join(stateFolder, 'failed-input')) ? readdirSync(join(stateFolder, 'failed-input')) : []

beforeAll(async () => {
  mkdirSync(captures, { recursive: true })
  writeFileSync(capture, pcapHeader({}))
  home = await startHome({
    stateFolder,
    sources: [planOfArgument(`folder:${captures}`)],
    engineWorkerFile: sourceWorker('poisoned-engine.ts'),
    lateAfterMs: 4_000,
  })
}, 60_000)
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a packet at which the engine throws', () => {
  test('is left out, and those around it count', async () => {
    appendGood()
    append(poison(THROWS))
    appendGood()
    await eventually(shownSent, (bytes) => bytes === sent)
    const { sources } = await eventually(status, ({ sources: [source] }) => typeof source?.problem === 'string')
    expect(sources[0]?.problem).toBe(
      '1 packet or line was left out, as the engine fails at it: an error in the program (Invalid poison value).',
    )
    expect(failedInput()).toMatchObject([{ kind: 'packet', faults: 1 }])
    // Nothing was lost with it: the same session goes on.
    expect((await status()).health.packets).toBeGreaterThanOrEqual(4)
  })

  test('leaves its hash alone in the state folder, unless the owner wants its bytes', async () => {
    expect(keptFiles()).toEqual([])
    await home.client.send('PATCH', '/api/settings', { privacy: { keepFailedInput: true } })
    append(poison(THROWS))
    appendGood()
    await eventually(shownSent, (bytes) => bytes === sent)
    const [name] = await eventually(
      async () => keptFiles(),
      (files) => files.length > 0,
    )
    expect(readFileSync(join(stateFolder, 'failed-input', name)).includes(THROWS)).toBe(true)
    expect(failedInput()).toMatchObject([{ kind: 'packet', faults: 2 }])
  })

  test('is not given to the engine a third time', async () => {
    append(poison(THROWS))
    appendGood()
    await eventually(shownSent, (bytes) => bytes === sent)
    await eventually(status, ({ sources: [source] }) => source?.problem?.startsWith('3 packets or lines') === true)
    expect(failedInput()).toMatchObject([{ kind: 'packet', faults: 2 }])
  })

  test('is forgotten with any device: whose bytes it held, nobody can tell', async () => {
    await home.client.send('POST', `/api/devices/${encodeURIComponent(CAMERA.mac)}/forget`, { ignore: false })
    expect(keptFiles()).toEqual([])
    sent = 0
    appendGood()
    await eventually(shownSent, (bytes) => bytes === sent)
  })
})

test('a packet from which the engine never comes back is set aside after it stopped two threads', async () => {
  append(poison(HANGS))
  appendGood()
  await eventually(shownSent, (bytes) => bytes === sent, 110_000)
  expect(failedInput().filter(({ faults }) => faults >= 2)).toHaveLength(2)
  const problem = (await status()).sources[0]?.problem
  expect(problem).toMatch(/left out|no sign of life/)
}, 120_000)
