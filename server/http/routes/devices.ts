// Routes that change devices: name, kind, level, merge, split, forget, ignore, and taking it back.
import { Type } from 'typebox'
import { DeviceId, Token, admin, viewer, type HttpServer, type Parts } from '../route.ts'
import { Done } from '../schemas/fields.ts'
import { Receipt, Undo, DeviceChange, Merge, MergeOffers, SeenOnce } from '../schemas/devices.ts'

const params = Type.Object({ id: DeviceId })
const done = { done: true } as const

export function deviceRoutes(app: HttpServer, { service, accounts }: Parts): void {
  app.patch(
    '/api/devices/:id',
    { ...admin, schema: { params, body: DeviceChange, response: { 200: Undo } } },
    async ({ params, body }) => service.changeDevice(params.id, body),
  )

  app.post(
    '/api/devices/:id/merge',
    { ...admin, schema: { params, body: Type.Object({ into: DeviceId }), response: { 200: Undo } } },
    async ({ params, body }) => service.merge(params.id, body.into),
  )

  app.post('/api/devices/:id/split', { ...admin, schema: { params, response: { 200: Undo } } }, async ({ params }) =>
    service.split(params.id),
  )

  app.post(
    '/api/devices/:id/forget',
    { ...admin, schema: { params, body: Type.Object({ ignore: Type.Boolean() }), response: { 200: Receipt } } },
    async ({ params, body, session }) => {
      const receipt = await service.forget(params.id, body.ignore)
      await accounts.note('forgot-device', session?.role ?? null)
      return receipt
    },
  )

  mergeOfferRoutes(app, service)

  app.get('/api/seen-once', { ...viewer, schema: { response: { 200: SeenOnce } } }, async () => service.seenOnce())

  app.post(
    '/api/seen-once/forget',
    { ...admin, schema: { body: Type.Object({ until: Type.Number() }), response: { 200: Receipt } } },
    async ({ body, session }) => {
      const receipt = await service.forgetSeenOnce(body.until)
      await accounts.note('forgot-device', session?.role ?? null)
      return receipt
    },
  )

  app.get('/api/ignored', { ...viewer, schema: { response: { 200: Type.Array(Type.String()) } } }, async () =>
    service.ignored(),
  )

  app.delete('/api/ignored/:id', { ...admin, schema: { params, response: { 200: Done } } }, async ({ params }) => {
    await service.unignore(params.id)
    return done
  })

  app.post(
    '/api/undo/:undo',
    { ...admin, schema: { params: Type.Object({ undo: Token }), response: { 200: Done } } },
    async ({ params }) => {
      await service.undo(params.undo)
      return done
    },
  )
}

function mergeOfferRoutes(app: HttpServer, service: Parts['service']): void {
  app.get('/api/merge-offers', { ...viewer, schema: { response: { 200: MergeOffers } } }, async () =>
    service.mergeOffers(),
  )

  app.post(
    '/api/merge-offers/accept',
    { ...admin, schema: { body: Merge, response: { 200: Undo } } },
    async ({ body }) => service.acceptMerge(body),
  )

  app.post(
    '/api/merge-offers/decline',
    { ...admin, schema: { body: Merge, response: { 200: Undo } } },
    async ({ body }) => service.declineMerge(body),
  )
}
