// The OpenAPI document has every route, and no other.
import { expect, test } from 'vitest'
import { openLab } from './lab.ts'

test('every route of the API is in the document, and the document has no other', async () => {
  const lab = await openLab()
  const document = (await lab.ask(lab.viewer, { method: 'GET', url: '/api/openapi.json' })).json<{
    openapi: string
    paths: Record<string, Record<string, { responses: object }>>
  }>()
  const reported = Object.entries(document.paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    .sort()
  const served = lab.routes
    .filter(({ method, url }) => method !== 'HEAD' && url.startsWith('/api/'))
    .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)
    .sort()
  expect(reported).toEqual(served)
  expect(reported.length).toBeGreaterThan(30)
  expect(document.openapi).toBe('3.1.0')
  for (const methods of Object.values(document.paths))
    for (const { responses } of Object.values(methods)) expect(Object.keys(responses)).toContain('200')
  await lab.close()
})
