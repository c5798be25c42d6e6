// Routes of questions and their answers.
import { Type } from 'typebox'
import { DeviceId, RangeQuery, Scope, Slug, rangeOf, viewer, type HttpServer, type Parts } from '../route.ts'
import { Answer, QuestionList } from '../schemas/questions.ts'

const QuestionName = Type.String({ pattern: '^[a-z-]{1,32}$' })

export function questionRoutes(app: HttpServer, { service }: Parts): void {
  app.get(
    '/api/traffic/:scope/questions',
    {
      ...viewer,
      schema: { params: Type.Object({ scope: Scope }), querystring: RangeQuery, response: { 200: QuestionList } },
    },
    async ({ params, query }) => service.questions(params.scope, rangeOf(query)),
  )

  const asked = Type.Object({
    ...RangeQuery.properties,
    device: Type.Optional(DeviceId),
    company: Type.Optional(Slug),
  })
  app.get(
    '/api/traffic/:scope/questions/:id',
    {
      ...viewer,
      schema: {
        params: Type.Object({ scope: Scope, id: QuestionName }),
        querystring: asked,
        response: { 200: Answer },
      },
    },
    async ({ params, query }) => service.ask(params.scope, params.id, { ...query, ...rangeOf(query) }),
  )
}
