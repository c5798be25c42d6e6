// Routes of events, alerts, what the owner decides about them, trials of their settings, and the channels that tell of
// them.
import { Type } from 'typebox'
import { LIVE_SCOPE } from '../../api.ts'
import { DeviceId, RangeQuery, Scope, Token, admin, rangeOf, viewer, type App, type Parts } from '../route.ts'
import {
  AlertDecision,
  AlertMute,
  AlertPage,
  AlertRow,
  AlertRows,
  ChannelTest,
  Done,
  EventRows,
  Trial,
  TrialRequest,
} from '../schemas.ts'

const params = Type.Object({ scope: Scope })
const ofAlert = Type.Object({ id: Token })

export function alertRoutes(app: App, { service }: Parts): void {
  app.get(
    '/api/books/:scope/alerts',
    { ...viewer, schema: { params, response: { 200: AlertRows } } },
    async ({ params }) => service.alerts(params.scope),
  )

  app.get(
    '/api/books/:scope/alerts/:id',
    { ...viewer, schema: { params: Type.Object({ scope: Scope, id: Token }), response: { 200: AlertPage } } },
    async ({ params }) => service.alert(params.scope, params.id),
  )

  const eventsQuery = Type.Object({ ...RangeQuery.properties, device: Type.Optional(DeviceId) })
  app.get(
    '/api/books/:scope/events',
    { ...viewer, schema: { params, querystring: eventsQuery, response: { 200: EventRows } } },
    async ({ params, query }) => service.events(params.scope, { ...query, ...rangeOf(query) }),
  )

  app.post(
    '/api/alerts/:id/decision',
    {
      ...admin,
      schema: {
        params: ofAlert,
        querystring: Type.Object({ scope: Type.Optional(Scope) }),
        body: AlertDecision,
        response: { 200: AlertRow },
      },
    },
    async ({ params, query, body }) => service.decide(query.scope ?? LIVE_SCOPE, params.id, body.decision),
  )

  app.post(
    '/api/alerts/:id/mute',
    { ...admin, schema: { params: ofAlert, body: AlertMute, response: { 200: AlertRow } } },
    async ({ params, body }) => service.mute(params.id, body.on),
  )

  app.post('/api/trials', { ...admin, schema: { body: TrialRequest, response: { 200: Trial } } }, async ({ body }) =>
    service.tryAlerts(body),
  )

  app.get('/api/trials/:id', { ...admin, schema: { params: ofAlert, response: { 200: Trial } } }, async ({ params }) =>
    service.trial(params.id),
  )

  app.delete(
    '/api/trials/:id',
    { ...admin, schema: { params: ofAlert, response: { 200: Done } } },
    async ({ params }) => {
      service.endTrial(params.id)
      return { done: true } as const
    },
  )

  app.post(
    '/api/channels/:name/test',
    { ...admin, schema: { params: Type.Object({ name: Token }), response: { 200: ChannelTest } } },
    async ({ params }) => service.testChannel(params.name),
  )
}
