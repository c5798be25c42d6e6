// A recording that stops its thread is said to have failed, and is not opened again after the second time.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readFailedInput, FailedInput } from '../../../server/app/failed-input.ts'
import { createLog } from '../../../server/log.ts'
import { Replays } from '../../../server/replay/replays.ts'
import { Spool } from '../../../server/replay/spool.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { memoryFile } from '../../support/memory-file.ts'
import { eventually } from '../../support/running.ts'
import { sourceWorker } from '../../support/source-worker.ts'
import { CAMERA, SERVER, tcpOut } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-fatal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function recording(name: string, word: string): string {
  const path = join(folder, name)
  const frames = [tcpOut(CAMERA, SERVER), tcpOut(CAMERA, SERVER, { payload: text(word) })]
  writeFileSync(
    path,
    pcapFile(
      {},
      frames.map((bytes, index) => ({ seconds: 1_767_600_000 + index, bytes })),
    ),
  )
  return path
}

const failedInput = new FailedInput({
  state: { ...memoryFile(readFailedInput(null)), purge: async () => 0 },
  folder: join(folder, 'bytes'),
  keepsBytes: () => false,
  log: createLog('json', () => {}),
  clock: () => Date.now() / 1000,
})
const replays = new Replays({
  spool: new Spool(folder, folder),
  workerFile: sourceWorker('poisoned-engine.ts'),
  limits: () => ({ maxUploadBytes: 1e6, maxMinutes: 1 }),
  timeZone: () => 'UTC',
  home: () => [],
  failedInput,
  lateAfterMs: 2_000,
  listener: { replay: () => {}, tick: () => {}, changed: () => {}, devices: () => {}, activity: () => {} },
})
afterAll(() => replays.closeAll())

/** Opens it, plays it, and waits for a state. */
async function played(path: string, state: string) {
  const { id } = replays.openFile(path)
  await eventually(
    async () => replays.get(id).facts.state,
    (now) => now === 'ready',
  )
  replays.control(id, { action: 'speed', speed: 'max' })
  replays.control(id, { action: 'play' })
  const facts = await eventually(
    async () => replays.get(id).facts,
    (now) => now.state === state,
  )
  await replays.close(id)
  return facts
}

test('a recording from which the engine never comes back fails twice with a sentence, then is refused', async () => {
  const path = recording('hangs.pcap', 'poison that hangs')
  for (let time = 0; time < 2; time++) {
    const { error } = await played(path, 'failed')
    expect(error).toEqual({
      code: 'replay-died',
      // A busy machine looks later.
      message: expect.stringMatching(
        /^The recording could not be played: It gave no sign of life for \d+ s$/,
      ) as string,
    })
  }
  expect(() => replays.openFile(path)).toThrow('This recording stopped the engine twice: it is not opened again')
  expect(replays.all()).toEqual([])
})

test('a recording with a packet at which the engine throws is played to its end, and says so', async () => {
  const { problems, packets } = await played(recording('throws.pcap', 'poison that throws'), 'ended')
  expect(packets).toBe(2)
  expect(problems.map(({ message }) => message)).toEqual([
    '1 packet or line was left out, as the engine fails at it: an error in the program (Invalid poison value).',
  ])
})
