// Every kind of source is in the index, and its definition is consistent.
import { expect, test } from 'vitest'
import { planOfArgument, plansOfSettings, SOURCE_SETTINGS, SOURCES } from '../../../capture/sources/sources.ts'
import { unlisted } from '../../support/definitions.ts'

test('each file of capture/sources is listed, or is a part of one that is', async () => {
  const sentences = await unlisted('capture/sources', [
    { file: 'capture/sources/sources.ts', exportName: 'source', listed: SOURCES },
  ])
  expect(sentences, sentences.join('\n')).toEqual([])
})

test('no two kinds share a name, a list of Settings or the form of its lines', () => {
  for (const names of [
    SOURCES.map(({ kind }) => kind),
    SOURCE_SETTINGS.map(({ field }) => field),
    SOURCE_SETTINGS.map(({ format }) => format),
  ])
    expect(new Set(names).size).toBe(names.length)
})

const ADDABLE = SOURCES.flatMap(({ kind, setting, parseLine }) =>
  setting === null || setting.add === null ? [] : [{ kind, field: setting.field, add: setting.add, parseLine }],
)

test.each(ADDABLE)('a line like the example of $field is a source of kind $kind', ({ kind, field, add, parseLine }) => {
  expect(plansOfSettings({ [field]: [add.example] })).toEqual([{ kind, ...parseLine(add.example) }])
})

test.each(SOURCES)('--source $argument is a source of kind $kind', ({ kind, argument }) => {
  const text = /\((.+)\)$/.exec(argument)?.[1] ?? argument.split(' ')[0]
  expect(planOfArgument(text)).toMatchObject({ kind })
})

test('what names no source is refused with a sentence that lists every kind', () => {
  for (const { argument } of SOURCES) expect(() => planOfArgument('dns:unknown:/path')).toThrow(argument)
  expect(() => planOfArgument('dns:unknown:/path')).toThrow(
    /^--source dns:unknown:\/path names no source\. Write --source as an interface \(eth0\), .+, or .+$/,
  )
})
