// Routes of the persons and rooms that devices belong to, and of what advertising and tracking got of each.
import { Type } from 'typebox'
import { RangeQuery, Scope, admin, rangeOf, viewer, type HttpServer, type Parts } from '../route.ts'
import { NewPerson, People, PersonAdded, PersonChange, PersonId, TrackedPeople, Undo } from '../schemas/devices.ts'

const params = Type.Object({ id: PersonId })

export function peopleRoutes(app: HttpServer, { service }: Parts): void {
  app.get('/api/people', { ...viewer, schema: { response: { 200: People } } }, async () => service.people())

  app.post('/api/people', { ...admin, schema: { body: NewPerson, response: { 200: PersonAdded } } }, async ({ body }) =>
    service.addPerson(body),
  )

  app.patch(
    '/api/people/:id',
    { ...admin, schema: { params, body: PersonChange, response: { 200: Undo } } },
    async ({ params, body }) => service.changePerson(params.id, body),
  )

  app.delete('/api/people/:id', { ...admin, schema: { params, response: { 200: Undo } } }, async ({ params }) =>
    service.removePerson(params.id),
  )

  app.get(
    '/api/traffic/:scope/people',
    {
      ...viewer,
      schema: { params: Type.Object({ scope: Scope }), querystring: RangeQuery, response: { 200: TrackedPeople } },
    },
    async ({ params, query }) => service.trackedPeople(params.scope, rangeOf(query)),
  )
}
