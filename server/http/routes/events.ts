// Routes of events and of their counts by local day.
import { Type } from 'typebox'
import { EVENT_KINDS } from '../../events/event.ts'
import { DeviceId, RangeQuery, Scope, rangeOf, viewer, type HttpServer, type Parts } from '../route.ts'
import { EventCounts, EventPage, EventRows } from '../schemas/activity.ts'
import { oneOf } from '../schemas/fields.ts'

const MOST_EVENTS = 2_000
const params = Type.Object({ scope: Scope })
const ofDevice = { ...RangeQuery.properties, device: Type.Optional(DeviceId) }

export function eventRoutes(app: HttpServer, { service }: Parts): void {
  app.get(
    '/api/traffic/:scope/events',
    { ...viewer, schema: { params, querystring: Type.Object(ofDevice), response: { 200: EventRows } } },
    async ({ params, query }) => service.events(params.scope, { ...query, ...rangeOf(query) }),
  )

  const pageQuery = Type.Object({
    ...ofDevice,
    kind: Type.Optional(oneOf(EVENT_KINDS)),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_EVENTS })),
    cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,12}_.{1,128}$', maxLength: 160 })),
  })
  app.get(
    '/api/traffic/:scope/events/page',
    { ...viewer, schema: { params, querystring: pageQuery, response: { 200: EventPage } } },
    async ({ params, query }) => service.eventPage(params.scope, { ...query, ...rangeOf(query) }),
  )

  app.get(
    '/api/traffic/:scope/counts',
    { ...viewer, schema: { params, querystring: Type.Object(ofDevice), response: { 200: EventCounts } } },
    async ({ params, query }) => service.eventCounts(params.scope, { ...query, ...rangeOf(query) }),
  )
}
