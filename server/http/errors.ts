// The answers to errors: one shape for all, with a stable code and a sentence.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiError } from '../api.ts'
import { ServiceError } from '../model/service-error.ts'

/** Errors of fastify and its plugins, by their code. */
const KNOWN: Record<string, { status: number; code: string; message: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'too-large', message: 'The request is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'wrong-type',
    message: 'The body must be JSON (content-type: application/json).',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'bad-json', message: 'The body is empty; JSON is expected.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, code: 'bad-json', message: 'The body is not valid JSON.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'bad-request',
    message: 'The body is not as long as its header says.',
  },
  FST_ERR_BAD_URL: { status: 400, code: 'bad-request', message: 'The address is not well-formed.' },
}

export type ErrorListener = (error: Error) => void

export function answerError(onError: ErrorListener) {
  return async (error: FastifyError | Error, _request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { status, ...facts } = describe(error)
    // What the disk refuses is no mistake; it is said in the status and the log already.
    if (status === 500 || (status > 500 && !(error instanceof ServiceError))) onError(error)
    await reply.code(status).send({ error: facts })
  }
}

function describe(error: FastifyError | Error): ApiError & { status: number } {
  if (error instanceof ServiceError) return { status: error.status, code: error.code, message: error.message }
  const known = 'code' in error ? KNOWN[error.code] : undefined
  if (known !== undefined) return known
  if ('validation' in error && error.validation !== undefined)
    return { status: 400, code: 'bad-request', message: `The request is not right: ${error.message}.` }
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status !== undefined && status >= 400 && status < 500)
    return { status, code: 'bad-request', message: 'The request is not right.' }
  return { status: 500, code: 'internal', message: 'Something went wrong in the program itself.' }
}
