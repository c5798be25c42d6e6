// Settings as the service takes, checks and keeps them.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SettingsPage } from '../../../server/api.ts'
import { startHome, type TestHome } from '../../support/running.ts'

let home: TestHome
const folder = mkdtempSync(join(tmpdir(), 'telltale-settings-'))
const patch = (body: unknown): Promise<SettingsPage> => home.client.send('PATCH', '/api/settings', body)
const stored = (): Record<string, Record<string, unknown>> | null => {
  const file = join(folder, 'settings.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>) : null
}

beforeAll(async () => {
  home = await startHome({ stateFolder: folder })
})
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a wrong setting is refused in a sentence that names it, and nothing of the request is kept', async () => {
  await patch({ storage: { minuteHours: 40 } })
  const refused = await patch({ storage: { minuteHours: 5, saveEverySeconds: 1 } }).catch(
    (error: Error) => error.message,
  )
  const [, status, body] = /^PATCH \/api\/settings: (\d+) (.*)$/.exec(String(refused)) ?? []
  expect([status, JSON.parse(body ?? 'null')]).toEqual([
    '400',
    {
      error: {
        code: 'wrong-setting',
        message: 'storage.saveEverySeconds ("Save every (seconds)") must be a whole number from 60 to 3600; 1 arrived.',
      },
    },
  ])
  const page = await home.client.get<SettingsPage>('/api/settings')
  expect(page.values['storage']).toMatchObject({ minuteHours: 40, saveEverySeconds: 300 })
  expect(stored()?.['storage']).toMatchObject({ minuteHours: 40, saveEverySeconds: 300 })
})
