// Routes of the page itself: the built files, and nothing beside them.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { anyone, type HttpServer } from '../route.ts'
import { ServiceError } from '../../model/service-error.ts'

const HASHED = /^assets\/.+-[\w-]{8,}\.\w+(\.map)?$/
const YEAR_SECONDS = 31_536_000

/** Only files that were in the folder at the start are served: a path is looked up in a list, and never walked. */
export function pageRoutes(app: HttpServer, folder: string | null): void {
  const files = new Set(
    folder !== null && existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length))
      : [],
  )
  if (files.size > 0)
    void app.register(fastifyStatic, {
      root: folder as string,
      serve: false,
      preCompressed: true,
      cacheControl: false,
      dotfiles: 'deny',
    })

  app.get('/*', { ...anyone, schema: { hide: true } }, async (request, reply) => {
    const path = (request.params as { '*': string })['*']
    const name = path === '' ? 'index.html' : path
    if (!files.has(name))
      throw new ServiceError(
        404,
        'not-found',
        path === '' ? 'The page is not built: run "npm run build".' : 'There is nothing at this address.',
      )
    reply.header('cache-control', HASHED.test(name) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache')
    return reply.sendFile(name)
  })
}
