// Every log format is in the index, and its definition is consistent.
import { isAbsolute } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  formatWords,
  LOG_FORMATS,
  logFormatOfWord,
  programsInWords,
  recogniseLog,
  TEXT_FORMATS,
} from '../../../capture/logs/formats.ts'
import { DEVICE_TABLES } from '../../../capture/logs/tables.ts'
import { unlisted } from '../../support/definitions.ts'
import { now, readLog } from './read-log.ts'

test('each file of capture/logs is listed, or is a part of one that is', async () => {
  const sentences = await unlisted('capture/logs', [
    { file: 'capture/logs/formats.ts', exportName: 'format', listed: LOG_FORMATS },
    { file: 'capture/logs/tables.ts', exportName: 'table', listed: DEVICE_TABLES },
  ])
  expect(sentences, sentences.join('\n')).toEqual([])
})

describe.each(LOG_FORMATS)('the definition of $id', ({ id, words, usualPath, repeats }) => {
  test('has words of its own, which fit between colons and spaces', () => {
    for (const word of words) {
      expect(word).toMatch(/^[a-z0-9-]+$/)
      expect(LOG_FORMATS.filter((other) => other.words.includes(word)).map((other) => other.id)).toEqual([id])
      expect(logFormatOfWord(word)?.id).toBe(id)
    }
  })

  test('names a full path, and only formats that there are', () => {
    expect(isAbsolute(usualPath)).toBe(true)
    for (const other of repeats) expect(LOG_FORMATS.map(({ id }) => id)).toContain(other)
  })
})

describe.each(TEXT_FORMATS)(
  'the example of $id',
  ({ id, exampleHead, example, recognises, createParser, tellsBytes }) => {
    const lines = exampleHead === undefined ? [example] : [exampleHead, example]

    test('gives a record', () => {
      const [record] = readLog(createParser(now), lines.join('\n'))
      expect(['query', ...(tellsBytes ? ['connection'] : [])]).toContain(record?.kind)
    })

    test('is recognised by no other format', () => {
      const others = TEXT_FORMATS.filter(
        (other) => other.id !== id && lines.some((line) => other.recognises?.(line, now) === true),
      )
      // Whoever cannot be recognised writes lines of one that can.
      expect(others.length).toBe(recognises === null ? 1 : 0)
      if (recognises !== null) expect(recogniseLog(['', ...lines], now)).toBe(id)
    })
  },
)

test('the list shows each format and each program once', () => {
  expect(formatWords().split(/, | or /)).toEqual(
    LOG_FORMATS.map(({ words: [word], note }) => (note === null ? word : `${word} (${note})`)),
  )
  expect(formatWords()).toMatch(/^dnsmasq, pihole, pihole-ftl \(its database\), /)
  const programs = programsInWords().split(/, | or /)
  expect(programs).toEqual([...new Set(LOG_FORMATS.map(({ program }) => program))])
})
