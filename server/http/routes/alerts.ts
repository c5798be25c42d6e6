// Routes of alerts, the decisions on them, dry runs of their settings, and tests of the channels.
import { Type } from 'typebox'
import { LIVE_SCOPE } from '../../api.ts'
import { Scope, Token, admin, viewer, type HttpServer, type Parts } from '../route.ts'
import { Done } from '../schemas/fields.ts'
import { AlertMute, AlertDecision, AlertPage, AlertRows, AlertRow } from '../schemas/activity.ts'
import { DryRun, DryRunRequest } from '../schemas/dry-runs.ts'
import { ChannelTest } from '../schemas/settings.ts'

const params = Type.Object({ scope: Scope })
const ofAlert = Type.Object({ id: Token })

export function alertRoutes(app: HttpServer, parts: Parts): void {
  readRoutes(app, parts)
  decisionRoutes(app, parts)
  dryRunRoutes(app, parts)
}

function readRoutes(app: HttpServer, { service }: Parts): void {
  app.get(
    '/api/traffic/:scope/alerts',
    { ...viewer, schema: { params, response: { 200: AlertRows } } },
    async ({ params }) => service.alerts(params.scope),
  )

  app.get(
    '/api/traffic/:scope/alerts/:id',
    { ...viewer, schema: { params: Type.Object({ scope: Scope, id: Token }), response: { 200: AlertPage } } },
    async ({ params }) => service.alert(params.scope, params.id),
  )
}

function decisionRoutes(app: HttpServer, { service }: Parts): void {
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

  app.post(
    '/api/channels/:name/test',
    { ...admin, schema: { params: Type.Object({ name: Token }), response: { 200: ChannelTest } } },
    async ({ params }) => service.testChannel(params.name),
  )
}

function dryRunRoutes(app: HttpServer, { service }: Parts): void {
  app.post(
    '/api/dry-runs',
    { ...admin, schema: { body: DryRunRequest, response: { 200: DryRun } } },
    async ({ body }) => service.startDryRun(body),
  )

  app.get(
    '/api/dry-runs/:id',
    { ...admin, schema: { params: ofAlert, response: { 200: DryRun } } },
    async ({ params }) => service.dryRun(params.id),
  )

  app.delete(
    '/api/dry-runs/:id',
    { ...admin, schema: { params: ofAlert, response: { 200: Done } } },
    async ({ params }) => {
      service.endDryRun(params.id)
      return { done: true } as const
    },
  )
}
