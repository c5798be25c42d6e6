// The service's log: what a person, a program and systemd's journal read of an entry.
import { describe, expect, it, test } from 'vitest'
import { createLog, formatOf, type Log, type LogFormat } from '../../server/log.ts'

function written(format: LogFormat, write: (log: Log) => void): string {
  let text = ''
  write(createLog(format, (piece) => (text += piece)))
  return text
}

class RequestError extends Error {
  readonly headers = { authorization: 'kept out' }
}

describe('an entry', () => {
  it('is one line with time, level and sentence on a terminal', () => {
    expect(written('text', (log) => log.warn('webhook: it answered 503'))).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d warn {2}webhook: it answered 503\n$/,
    )
  })

  it('is one JSON object for a program', () => {
    const line = written('json', (log) => log.info('settings.json is missing'))
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      msg: 'settings.json is missing',
    })
    expect(line.indexOf('\n')).toBe(line.length - 1)
  })

  it('begins with its priority for the journal, which adds the time', () => {
    expect(written('journal', (log) => log.warn('The disk is full'))).toBe('<4>The disk is full\n')
  })
})

describe('an error', () => {
  it('is written with its stack', () => {
    const err = new RequestError('no room')
    const frame = (err.stack as string).split('\n')[1]
    const text = written('text', (log) => log.error({ err }, 'Alerts could not be saved'))
    expect(text).toMatch(/error Alerts could not be saved\n {4}\w*Error: no room\n/)
    expect(text).toContain(frame)
    expect(
      written('journal', (log) => log.error({ err }, 'Not saved'))
        .split('\n')
        .slice(0, -1),
    ).toSatisfy((lines: string[]) => lines.length > 2 && lines.every((line) => line.startsWith('<3>')))
    expect(JSON.parse(written('json', (log) => log.error({ err }, 'x')))).toMatchObject({
      level: 'error',
      err: { message: 'no room', stack: expect.stringContaining(frame.trim()) as string },
    })
  })

  it('is written without its other fields, and no entry with a token', () => {
    const err = new RequestError('GET /?token=abc-123_x failed; Authorization: Bearer abc-123_x')
    for (const format of ['text', 'json', 'journal'] as const) {
      const text = written(format, (log) => log.error({ err }, 'http://localhost/?token=abc-123_x#/replay'))
      expect(text).toContain('token=[hidden]#/replay')
      expect(text).not.toMatch(/kept out|abc-123/)
    }
  })

  it('may be anything that was thrown', () => {
    expect(written('journal', (log) => log.error({ err: 'a text' }, 'Failed'))).toBe('<3>Failed\n<3>a text\n')
  })
})

test.each<[Record<string, string>, boolean, LogFormat]>([
  [{}, true, 'text'],
  [{}, false, 'json'],
  [{ JOURNAL_STREAM: '9:1' }, false, 'journal'],
  [{ TELLTALE_LOG: 'json', JOURNAL_STREAM: '9:1' }, false, 'json'],
  [{ TELLTALE_LOG: 'json' }, true, 'json'],
  [{ TELLTALE_LOG: 'text' }, false, 'text'],
])('with %j on a terminal (%s) the format is %s', (environment, isTerminal, format) => {
  expect(formatOf(environment, isTerminal)).toBe(format)
})
