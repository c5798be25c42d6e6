// Routes of the traffic history: live, or of a recording.
import { Type } from 'typebox'
import { DeviceId, RangeQuery, Scope, Slug, rangeOf, viewer, type HttpServer, type Parts } from '../route.ts'
import { TrafficStatus } from '../schemas/status.ts'
import { Devices } from '../schemas/devices.ts'
import {
  SearchHits,
  Totals,
  Period,
  CompanyPage,
  HourGrid,
  DeviceListPage,
  DevicePage,
  Series,
  Overview,
} from '../schemas/traffic.ts'

const params = Type.Object({ scope: Scope })
const ofDevice = Type.Object({ scope: Scope, id: DeviceId })
const filter = {
  device: Type.Optional(DeviceId),
  company: Type.Optional(Slug),
  owner: Type.Optional({ ...Slug, description: 'a company with all that is part of it' }),
}

const seriesQuery = Type.Object({
  ...RangeQuery.properties,
  ...filter,
  purpose: Type.Optional(Type.String({ pattern: '^[*]?[0-9a-z-]{1,64}$' })),
  step: Type.Optional(Type.Integer({ minimum: 1, maximum: 366 * 86_400, description: 'seconds' })),
})

const totalsQuery = Type.Object({
  period: Period,
  devices: Type.Optional(Type.String({ maxLength: 5_000, description: 'ids, at most 100 of them' })),
})

/** Devices in one answer unless fewer are asked for. */
const MOST_DEVICES = 1_000
const MOST_ROWS = 100
const offset = Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 }))
const pageQuery = Type.Object({ offset, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_DEVICES })) })

const listQuery = Type.Object({
  ...RangeQuery.properties,
  offset,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ROWS })),
  q: Type.Optional(Type.String({ maxLength: 100 })),
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
    { ...viewer, schema: { params, querystring: pageQuery, response: { 200: Devices } } },
    async ({ params, query: { offset = 0, limit = MOST_DEVICES } }) =>
      service.devices(params.scope).slice(offset, offset + limit),
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
    { ...viewer, schema: { params, querystring: totalsQuery, response: { 200: Totals } } },
    async ({ params, query: { period, devices } }) =>
      service.totals(params.scope, period, ...(devices === undefined ? [] : [devices.split(',').slice(0, MOST_ROWS)])),
  )

  app.get(
    '/api/traffic/:scope/device-rows',
    { ...viewer, schema: { params, querystring: listQuery, response: { 200: DeviceListPage } } },
    async ({ params, query: { offset = 0, limit = MOST_ROWS, ...query } }) =>
      service.deviceList(params.scope, { ...query, ...rangeOf(query), offset, limit }),
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
