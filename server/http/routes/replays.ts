// Routes of recordings: upload, watch, control, close.
import type { Readable } from 'node:stream'
import { Type } from 'typebox'
import { Token, admin, viewer, type HttpServer, type Parts } from '../route.ts'
import { ServiceError } from '../../model/service-error.ts'
import { Done } from '../schemas/fields.ts'
import { ReplayControl, Replays, Replay } from '../schemas/replays.ts'

const params = Type.Object({ id: Token })
const LONGEST_NAME = 255
export const UPLOAD_TYPE = 'application/octet-stream'

export function replayRoutes(app: HttpServer, { service, accounts }: Parts): void {
  app.get('/api/replays', { ...viewer, schema: { response: { 200: Replays } } }, async () => service.replays())

  app.get('/api/replays/:id', { ...viewer, schema: { params, response: { 200: Replay } } }, async ({ params }) =>
    service.replay(params.id),
  )

  app.post(
    '/api/replays/:id/control',
    { ...admin, schema: { params, body: ReplayControl, response: { 200: Replay } } },
    async ({ params, body }) => service.control(params.id, body),
  )

  app.delete('/api/replays/:id', { ...admin, schema: { params, response: { 200: Done } } }, async ({ params }) => {
    await service.closeReplay(params.id)
    return { done: true } as const
  })

  // Only here does a body stay a stream; everywhere else it is read whole, up to the limit.
  void app.register(async (inner: HttpServer) => {
    inner.removeAllContentTypeParsers()
    inner.addContentTypeParser(UPLOAD_TYPE, (_request, payload, next) => next(null, payload))
    const schema = {
      consumes: [UPLOAD_TYPE],
      headers: Type.Object({
        'x-file-name': Type.Optional(Type.String({ maxLength: 2048, description: 'URI-encoded' })),
      }),
      response: { 200: Replay },
    }
    inner.post('/api/replays', { ...admin, schema }, async (request) => {
      if (request.headers['content-type'] !== UPLOAD_TYPE)
        throw new ServiceError(415, 'wrong-type', `A recording is sent as it is, with content-type ${UPLOAD_TYPE}.`)
      const length = request.headers['content-length']
      const replay = await service.upload(
        nameOf(request.headers['x-file-name']),
        length === undefined ? null : Number(length),
        request.body as Readable,
      )
      await accounts.note('replay', request.session?.role ?? null)
      return replay
    })
  })
}

/** The last part of the file's name, without what would move or hide text. */
function nameOf(header: string | undefined): string {
  const name =
    decoded(header ?? '')
      .split(/[\\/]/)
      .at(-1) ?? ''
  const clean = name.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').trim()
  return [...clean].slice(0, LONGEST_NAME).join('') || 'recording'
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ServiceError(400, 'bad-name', 'The header x-file-name must be URI-encoded.')
  }
}
