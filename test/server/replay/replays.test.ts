// A recording that is being closed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Replays } from '../../../server/replay/replays.ts'
import { Spool } from '../../../server/replay/spool.ts'
import { builtFile } from '../../../server/built-file.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { arpFrom, CAMERA } from '../engine/lab.ts'
import type { ActivityUpdate } from '../../../server/detection/activity.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-replays-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const UPDATE: ActivityUpdate = {
  events: [],
  alerts: [],
  withdrawn: [],
  mutes: null,
  replace: true,
  learningUntil: null,
}

test('what is on its way while it is closed is reported to nobody', async () => {
  const reported: string[] = []
  const tell = (id: string): void => void reported.push(id)
  const replays = new Replays({
    spool: new Spool(folder, folder),
    workerFile: builtFile('session/engine-worker.js'),
    limits: () => ({ maxUploadBytes: 1e6, maxMinutes: 1 }),
    timeZone: () => 'UTC',
    home: () => [],
    failedInput: { isRefused: () => false, note: async () => {} },
    listener: { replay: () => {}, tick: tell, changed: tell, devices: tell, activity: tell },
  })
  const path = join(folder, 'one.pcap')
  writeFileSync(path, pcapFile({}, [{ seconds: 1, bytes: arpFrom(CAMERA) }]))
  const { id } = replays.openFile(path)
  const { session } = replays.get(id)
  session.emit('activity', UPDATE)
  expect(reported).toContain(id)
  const closed = replays.close(id)
  reported.length = 0
  session.emit('activity', UPDATE)
  session.emit('tick')
  session.emit('devices', [])
  await closed
  expect(reported).toEqual([])
})
