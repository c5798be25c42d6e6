// What is answered for errors of each origin, and which of them are mistakes of the program's own.
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { answerError } from '../../../server/http/errors.ts'
import { rangeOf } from '../../../server/http/route.ts'
import { ServiceError } from '../../../server/model/service-error.ts'

/** The answer to an error, and the errors that the program was reported of. */
async function answerTo(error: Error): Promise<{ status: number; body: unknown; reported: Error[] }> {
  const reported: Error[] = []
  const app = fastify()
  app.setErrorHandler(answerError((one) => reported.push(one)))
  app.get('/', () => Promise.reject(error))
  const answer = await app.inject('/')
  await app.close()
  return { status: answer.statusCode, body: answer.json<{ error: unknown }>().error, reported }
}
const withStatus = (statusCode: number): Error => Object.assign(new Error('secret words'), { statusCode })

test.each([400, 418, 499])(
  'an unknown error of the framework with status %i is answered with it, and not reported',
  async (status) => {
    expect(await answerTo(withStatus(status))).toEqual({
      status,
      body: { code: 'bad-request', message: 'The request is not right.' },
      reported: [],
    })
  },
)

test.each([399, 500, 503])(
  'one with status %i is a mistake of ours, reported to the program and not to the page',
  async (status) => {
    const error = withStatus(status)
    expect(await answerTo(error)).toEqual({
      status: 500,
      body: { code: 'internal', message: 'Something went wrong in the program itself.' },
      reported: [error],
    })
  },
)

test('an error of a service keeps its status, code and sentence, and is reported from 500 on', async () => {
  const error = new ServiceError(404, 'not-found', 'There is nothing.')
  expect(await answerTo(error)).toEqual({
    status: 404,
    body: { code: 'not-found', message: 'There is nothing.' },
    reported: [],
  })
  expect((await answerTo(new ServiceError(500, 'broken', 'Broken.'))).reported).toHaveLength(1)
  expect((await answerTo(new ServiceError(499, 'odd', 'Odd.'))).reported).toEqual([])
})

test.each([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 'too-large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, 'wrong-type'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 400, 'bad-json'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 400, 'bad-json'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400, 'bad-request'],
  ['FST_ERR_BAD_URL', 400, 'bad-request'],
])('%s is %i %s', async (name, status, code) => {
  expect(await answerTo(Object.assign(new Error('x'), { code: name }))).toMatchObject({
    status,
    body: { code },
    reported: [],
  })
})

test('what does not fit the schema is named', async () => {
  const error = Object.assign(new Error('query/from must be a number'), { validation: [], statusCode: 400 })
  expect(await answerTo(error)).toMatchObject({
    status: 400,
    body: { code: 'bad-request', message: 'The request is not right: query/from must be a number.' },
  })
})

test.each([
  [0, 1, null],
  [-1, 1, /outside of all time/],
  [2 ** 33 - 1, 2 ** 33, null],
  [2 ** 33 - 1, 2 ** 33 + 1, /outside of all time/],
  [5, 5, /must begin before/],
  [6, 5, /must begin before/],
  [5, 6, null],
  [0, 2 ** 32, null],
  [0, 2 ** 32 + 1, /136 years/],
])('the range from %i to %i: %s', (from, to, problem) => {
  if (problem === null) expect(rangeOf({ from, to })).toEqual({ from, to })
  else expect(() => rangeOf({ from, to })).toThrow(problem)
})
