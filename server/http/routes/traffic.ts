// Routes of the traffic history: live, or of a recording.
import { Type } from 'typebox'
import { DeviceId, RangeQuery, Scope, Slug, rangeOf, viewer, type HttpServer, type Parts } from '../route.ts'
import { TrafficStatus } from '../schemas/status.ts'
import { Devices } from '../schemas/devices.ts'
import { SearchHits, Totals, Period, CompanyPage, HourGrid, DevicePage, Series, Overview } from '../schemas/traffic.ts'

const params = Type.Object({ scope: Scope })
const ofDevice = Type.Object({ scope: Scope, id: DeviceId })
const filter = { device: Type.Optional(DeviceId), company: Type.Optional(Slug) }

const seriesQuery = Type.Object({
  ...RangeQuery.properties,
  ...filter,
  purpose: Type.Optional(Type.String({ pattern: '^[*]?[0-9a-z-]{1,64}$' })),
  step: Type.Optional(Type.Integer({ minimum: 1, maximum: 366 * 86_400, description: 'seconds' })),
})

export function trafficRoutes(app: HttpServer, parts: Parts): void {
  homeRoutes(app, parts)
  pageRoutes(app, parts)
}

/** The home as a whole. */
function homeRoutes(app: HttpServer, { service }: Parts): void {
  app.get(
    '/api/traffic/:scope/status',
    { ...viewer, schema: { params, response: { 200: TrafficStatus } } },
    async ({ params }) => service.status(params.scope),
  )

  app.get(
    '/api/traffic/:scope/devices',
    { ...viewer, schema: { params, response: { 200: Devices } } },
    async ({ params }) => service.devices(params.scope),
  )

  app.get(
    '/api/traffic/:scope/overview',
    {
      ...viewer,
      schema: {
        params,
        querystring: Type.Object({ ...RangeQuery.properties, ...filter }),
        response: { 200: Overview },
      },
    },
    async ({ params, query }) => service.overview(params.scope, { ...query, ...rangeOf(query) }),
  )

  app.get(
    '/api/traffic/:scope/series',
    { ...viewer, schema: { params, querystring: seriesQuery, response: { 200: Series } } },
    async ({ params, query }) => service.series(params.scope, { ...query, ...rangeOf(query), ...widened(query) }),
  )

  app.get(
    '/api/traffic/:scope/totals',
    { ...viewer, schema: { params, querystring: Type.Object({ period: Period }), response: { 200: Totals } } },
    async ({ params, query }) => service.totals(params.scope, query.period),
  )

  app.get(
    '/api/traffic/:scope/search',
    {
      ...viewer,
      schema: {
        params,
        querystring: Type.Object({ q: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: { 200: SearchHits },
      },
    },
    async ({ params, query }) => service.search(params.scope, query.q),
  )
}

/** One device, one company. */
function pageRoutes(app: HttpServer, { service }: Parts): void {
  app.get(
    '/api/traffic/:scope/devices/:id',
    { ...viewer, schema: { params: ofDevice, querystring: RangeQuery, response: { 200: DevicePage } } },
    async ({ params, query }) => service.device(params.scope, params.id, rangeOf(query)),
  )

  app.get(
    '/api/traffic/:scope/devices/:id/grid',
    { ...viewer, schema: { params: ofDevice, response: { 200: HourGrid } } },
    async ({ params }) => service.grid(params.scope, params.id),
  )

  app.get(
    '/api/traffic/:scope/companies/:slug',
    {
      ...viewer,
      schema: {
        params: Type.Object({ scope: Scope, slug: Slug }),
        querystring: RangeQuery,
        response: { 200: CompanyPage },
      },
    },
    async ({ params, query }) => service.company(params.scope, params.slug, rangeOf(query)),
  )
}

/** No series has more steps than a wide screen has pixels: a finer step is widened. */
const MOST_STEPS = 4000

function widened({ from, to, step }: { from: number; to: number; step?: number }): { step?: number } {
  return step === undefined ? {} : { step: Math.max(step, Math.ceil((to - from) / MOST_STEPS)) }
}
