// Routes about the server itself: its OpenAPI document, and what browsers refused to load.
import { Type } from 'typebox'
import { admin, anyone, viewer, type HttpServer } from '../route.ts'
import { Done } from '../schemas/fields.ts'

const MOST_KEPT = 20

interface Violation {
  directive: string
  blocked: string
}

export function reportRoutes(app: HttpServer): void {
  let count = 0
  const latest: Violation[] = []
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '')

  app.get(
    '/api/openapi.json',
    { ...viewer, schema: { response: { 200: Type.Unsafe<object>({ type: 'object', additionalProperties: true }) } } },
    async () => app.swagger(),
  )

  const page = Type.Object({
    count: Type.Number(),
    latest: Type.Array(Type.Object({ directive: Type.String(), blocked: Type.String() })),
  })
  app.get('/api/csp-report', { ...admin, schema: { response: { 200: page } } }, async () => ({ count, latest }))

  void app.register(async (inner: HttpServer) => {
    inner.addContentTypeParser(
      ['application/csp-report', 'application/reports+json'],
      { parseAs: 'string' },
      inner.getDefaultJsonParser('remove', 'remove'),
    )
    inner.post(
      '/api/csp-report',
      { config: { ...anyone.config, report: true }, bodyLimit: 16 * 1024, schema: { response: { 200: Done } } },
      async ({ body }) => {
        const report = (body as { 'csp-report'?: Record<string, unknown> } | null)?.['csp-report']
        count++
        latest.push({ directive: text(report?.['violated-directive']), blocked: text(report?.['blocked-uri']) })
        if (latest.length > MOST_KEPT) latest.shift()
        return { done: true } as const
      },
    )
  })
}
