// The index of detectors: every file of the folder is in it, and no two detectors share a name.
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AnyDetector } from '../../../server/alerts/detector.ts'
import { DETECTOR_FIELDS, DETECTORS } from '../../../server/alerts/detectors/index.ts'
import { LANGUAGES } from '../../../server/text/language.ts'
import { defaults } from '../../../server/settings/settings.ts'
import { settingsSchema } from '../../../server/settings/schema.ts'

const folder = new URL('../../../server/alerts/detectors/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'index.ts')

describe('the index of detectors', () => {
  test.each(files)('holds %s', async (file) => {
    const module = (await import(new URL(file, folder).href)) as Record<string, AnyDetector>
    const [detector] = Object.values(module)
    expect(
      DETECTORS.some((one) => one === detector),
      `server/alerts/detectors/${file} is not in server/alerts/detectors/index.ts: import its detector there and add it to the list ALL`,
    ).toBe(true)
    expect(`${detector?.kind}.ts`, 'the file of a detector is named after its kind').toBe(file)
  })

  test('has nothing twice: kinds, settings and names of memory', () => {
    const names = DETECTORS.flatMap(({ kind, memory, settings }) => [
      `kind ${kind}`,
      `memory ${memory.scope} ${memory.key}`,
      ...Object.keys(settings.fields).map((field) => `setting ${field}`),
    ])
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
    // "first" is the engine's own, beside the detectors' memory of a device.
    expect(DETECTORS.map(({ memory }) => memory.key)).not.toContain('first')
  })

  test('gives each field to the settings form', () => {
    const form = settingsSchema() as { properties: { alerts: { properties: Record<string, unknown> } } }
    expect(Object.keys(form.properties.alerts.properties)).toEqual([...Object.keys(DETECTOR_FIELDS), 'coolDownMinutes'])
    for (const { settings } of DETECTORS)
      expect((defaults().alerts as Record<string, unknown>)[settings.on], settings.on).toBe(true)
  })

  test.each(DETECTORS)('has words for $kind in each language, and something that one can do', ({ words }) => {
    for (const language of LANGUAGES) {
      expect(words[language].title).toMatch(/\S/)
      expect(words[language].advice.length).toBeGreaterThan(0)
    }
  })

  test.each(DETECTORS)('$kind takes a stream, unless it is raised from outside the engine', ({ kind, streams }) => {
    expect(Object.keys(streams).length > 0).toBe(kind !== 'engine-stopped')
  })
})
