// Routes of the settings, and of what anyone at home may know of them.
import { LEVELS } from '../../api.ts'
import { readSettings } from '../../settings/settings.ts'
import { admin, anyone, viewer, type HttpServer, type Parts } from '../route.ts'
import { Recorded } from '../schemas/access.ts'
import { Done } from '../schemas/fields.ts'
import { RuleWords, SettingsPage, SettingsValues, InterfaceChoices } from '../schemas/settings.ts'

export function settingsRoutes(app: HttpServer, { service, accounts }: Parts): void {
  app.get('/api/settings', { ...viewer, schema: { response: { 200: SettingsPage } } }, async () => service.settings())

  app.patch(
    '/api/settings',
    { ...admin, schema: { body: SettingsValues, response: { 200: SettingsPage } } },
    async ({ body, session }) => {
      const page = await service.changeSettings(body)
      await accounts.note('settings', session?.role ?? null)
      return page
    },
  )

  app.post('/api/recovery/confirm', { ...admin, schema: { response: { 200: Done } } }, async () => {
    await service.confirmRecovery()
    return { done: true } as const
  })

  app.post('/api/clock/believe', { ...admin, schema: { response: { 200: Done } } }, async ({ session }) => {
    await service.believeClock()
    await accounts.note('settings', session?.role ?? null)
    return { done: true } as const
  })

  app.get('/api/interfaces', { ...admin, schema: { response: { 200: InterfaceChoices } } }, async () =>
    service.interfaces(),
  )

  app.get('/api/recorded', { ...anyone, schema: { response: { 200: Recorded } } }, async () => {
    const { storage, privacy } = readSettings(service.settings().values).settings
    return {
      payload: false as const,
      leavesTheHouse: false as const,
      levels: [...LEVELS],
      newDevices: privacy.newDevices,
      minuteHours: storage.minuteHours,
      hourDays: storage.hourDays,
      dayDays: storage.dayDays,
      saveEverySeconds: storage.saveEverySeconds,
    }
  })

  app.get('/api/words', { ...viewer, schema: { response: { 200: RuleWords } } }, async () => service.words())
}
