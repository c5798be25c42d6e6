// Are the owner's decisions kept, taken back and forgotten as they should be?
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MAX_UNDOS, openDecisions } from '../../../server/store/decisions.ts'
import { filesContaining, temporaryFolder } from '../history/folder.ts'

const CAMERA = '02:aa:bb:cc:dd:01'
const PHONE = '02:aa:bb:cc:dd:02'
const TABLET = '02:aa:bb:cc:dd:03'

test('names, kinds, levels and merges are read again after a restart', async () => {
  const path = join(temporaryFolder(), 'decisions.json')
  const decisions = await openDecisions(path)
  await decisions.change(CAMERA, { name: 'Door camera', level: 'companies' })
  await decisions.change(CAMERA, { kind: 'camera' })
  await decisions.change('__proto__', { name: 'polluted' })
  await decisions.merge(PHONE, TABLET)
  const again = await openDecisions(path)
  expect(again.of(CAMERA)).toEqual({ name: 'Door camera', kind: 'camera', level: 'companies' })
  expect(again.of('__proto__').name).toBe('polluted')
  expect(again.of(TABLET)).toEqual({ name: null, kind: null, level: 'everything' })
  expect(again.mergedInto(PHONE)).toBe(TABLET)
  expect(again.mergedFrom(TABLET)).toEqual([PHONE])
})

test('each change is taken back once, also after a restart', async () => {
  const path = join(temporaryFolder(), 'decisions.json')
  const decisions = await openDecisions(path)
  await decisions.change(CAMERA, { name: 'First' })
  const renamed = await decisions.change(CAMERA, { name: 'Second' })
  const merged = await decisions.merge(PHONE, TABLET)
  const again = await openDecisions(path)
  expect(await again.undo(renamed)).toBe(true)
  expect(await again.undo(renamed)).toBe(false)
  expect(again.of(CAMERA).name).toBe('First')
  expect(await again.undo(merged)).toBe(true)
  expect(again.mergedInto(PHONE)).toBe(PHONE)
})

test('merges do not chain, and split takes them apart', async () => {
  const decisions = await openDecisions(join(temporaryFolder(), 'decisions.json'))
  await decisions.merge(PHONE, TABLET)
  await decisions.merge(TABLET, CAMERA)
  expect([decisions.mergedInto(PHONE), decisions.mergedInto(TABLET)]).toEqual([CAMERA, CAMERA])
  await expect(decisions.merge(CAMERA, PHONE)).rejects.toThrow(/itself/)
  const undo = await decisions.split(CAMERA)
  expect(decisions.mergedFrom(CAMERA)).toEqual([])
  await decisions.undo(undo)
  expect(decisions.mergedFrom(CAMERA).sort()).toEqual([PHONE, TABLET])
})

test('the list of what can be taken back is bounded', async () => {
  const path = join(temporaryFolder(), 'decisions.json')
  const decisions = await openDecisions(path)
  for (let change = 0; change < MAX_UNDOS + 5; change += 1) await decisions.change(CAMERA, { name: `Name ${change}` })
  expect((JSON.parse(readFileSync(path, 'utf8')) as { undos: unknown[] }).undos).toHaveLength(MAX_UNDOS)
})

test('a forgotten device is in no file, and yet it is ignored', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'decisions.json')
  const decisions = await openDecisions(path)
  await decisions.change(CAMERA, { name: 'Bedroom camera' })
  await decisions.change(CAMERA, { name: 'Nursery camera' })
  await decisions.change(PHONE, { name: 'Phone' })
  await decisions.merge(TABLET, CAMERA)
  await decisions.forget([CAMERA], true)
  expect(filesContaining(folder, [CAMERA, 'Bedroom', 'Nursery'].map((text) => Buffer.from(text)))).toEqual([])
  const again = await openDecisions(path)
  expect(again.of(PHONE).name).toBe('Phone')
  expect(again.mergedInto(TABLET)).toBe(TABLET)
  expect([again.isIgnored(CAMERA), again.isIgnored(PHONE)]).toEqual([true, false])
  await again.unignore(again.ignored()[0] as string)
  expect((await openDecisions(path)).isIgnored(CAMERA)).toBe(false)
})
