// The HTTP server: headers, errors, ranges, schemas, limits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompanyPage, DevicePage, Overview, Series, SettingsPage } from '../../../server/api.ts'
import { createFakeService } from '../../support/fake-service.ts'
import { HOSTILE_NAMES } from '../../support/hostile-names.ts'
import { codeOf, NOW, openLab, type Lab } from './lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(async () => lab.close())

const range = `from=${NOW - 3600}&to=${NOW}`
const get = (url: string) => lab.ask(lab.admin, { method: 'GET', url })

describe('headers', () => {
  test('the page may load nothing from elsewhere, and nothing inline', async () => {
    const policy = (await lab.ask(null, { method: 'GET', url: '/api/session' })).headers[
      'content-security-policy'
    ] as string
    expect(policy).toContain("default-src 'self'")
    for (const rule of [
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'self'",
    ]) {
      expect(policy.split(';')).toContain(rule)
    }
    expect(policy).not.toMatch(/unsafe|upgrade-insecure|\*|data:/)
  })

  test('nothing forces TLS where there is none, and nothing is cached, sniffed or reported on', async () => {
    const { headers } = await get('/api/words')
    expect(headers['strict-transport-security']).toBeUndefined()
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('errors carry the same headers', async () => {
    const answer = await lab.ask(null, { method: 'GET', url: '/nowhere', headers: { host: 'evil.example' } })
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'")
    expect(answer.json()).toEqual({ error: { code: 'foreign-host', message: expect.any(String) as string } })
  })
})

describe('answers', () => {
  test('an overview is the same through the schema as in the service', async () => {
    const direct = await lab.service.overview('live', { from: NOW - 3600, to: NOW })
    expect((await get(`/api/traffic/live/overview?${range}`)).json<Overview>()).toEqual(
      JSON.parse(JSON.stringify(direct)),
    )
  })

  test('paths of version 0.1.0 answer as the present ones do', async () => {
    const present = await get(`/api/traffic/live/overview?${range}`)
    const former = await get(`/api/books/live/overview?${range}`)
    expect(former.statusCode).toBe(200)
    expect(former.json()).toEqual(present.json())
    expect((await get('/api/trials/none')).json()).toEqual((await get('/api/dry-runs/none')).json())
    expect(codeOf(await get('/api/trials/none'))).toBe('no-such-dry-run')
  })

  test('every page of the traffic history is the same through the schema as in the service', async () => {
    const asked = { from: NOW - 3600, to: NOW }
    const id = lab.service.devices('live')[1].id
    const pairs: [string, unknown][] = [
      ['status', await lab.service.status('live')],
      ['devices', lab.service.devices('live')],
      [`series?${range}&device=${id}`, await lab.service.series('live', { ...asked, device: id })],
      [`devices/${id}?${range}`, await lab.service.device('live', id, asked)],
      [`devices/${id}/grid`, await lab.service.grid('live', id)],
      [`companies/google?${range}`, await lab.service.company('live', 'google', asked)],
      [`companies/-?${range}`, await lab.service.company('live', '-', asked)],
      ['totals?period=week', await lab.service.totals('live', 'week')],
      ['search?q=cam', await lab.service.search('live', 'cam')],
    ]
    for (const [path, direct] of pairs)
      expect([path, (await get(`/api/traffic/live/${path}`)).json()]).toEqual([
        path,
        JSON.parse(JSON.stringify(direct)),
      ])
    expect((await get('/api/settings')).json<SettingsPage>()).toEqual(lab.service.settings())
    expect((await get('/api/words')).json()).toEqual(lab.service.words())
    expect((await get(`/api/traffic/live/devices/${id}?${range}`)).json<DevicePage>().endpoints.length).toBeGreaterThan(
      1,
    )
    expect((await get(`/api/traffic/live/companies/google?${range}`)).json<CompanyPage>().hosts.length).toBeGreaterThan(
      1,
    )
  })

  test('hostile names pass through unchanged, as text', async () => {
    const hostile = await openLab({}, { hostile: true, devices: 40 })
    const answer = await hostile.ask(hostile.admin, { method: 'GET', url: '/api/traffic/live/devices' })
    expect(answer.headers['content-type']).toMatch('application/json')
    expect(
      answer
        .json<{ name: string }[]>()
        .map((device) => device.name)
        .sort(),
    ).toEqual([...HOSTILE_NAMES].sort())
    expect(hostile.errors).toEqual([])
    await hostile.close()
  })

  test('a series with a very fine step is widened, not refused and not endless', async () => {
    const series = (await get(`/api/traffic/live/series?from=${NOW - 30 * 86_400}&to=${NOW}&step=1`)).json<Series>()
    expect(series.sent.length).toBeLessThanOrEqual(4001)
    expect(series.step).toBe(648)
  })

  test('what is recorded here can be read without a password, and names no device', async () => {
    const answer = await lab.ask(null, { method: 'GET', url: '/api/recorded' })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({
      payload: false,
      minuteHours: 48,
      hourDays: 35,
      dayDays: 730,
      newDevices: 'everything',
    })
    for (const { id, name } of lab.service.devices('live'))
      for (const text of [id, name as string]) expect(answer.body).not.toContain(text)
  })
})

describe('wrong requests', () => {
  test.each([
    'from=5',
    'from=a&to=b',
    `from=${NOW}&to=${NOW}`,
    `from=${NOW}&to=1`,
    'from=-5&to=5',
    `from=0&to=${2 ** 32 + 1}`,
    'from=NaN&to=1',
    'from=1&to=Infinity',
    'from=1&to=1e999',
    `from=${NOW}&to=${NOW + 5}&device=${'x'.repeat(65)}`,
    `from=${NOW}&to=${NOW + 5}&company=%3Cb%3E`,
  ])('a range such as %s is refused', async (query) => {
    const answer = await get(`/api/traffic/live/overview?${query}`)
    expect([answer.statusCode, codeOf(answer)]).toEqual([400, expect.stringMatching(/^bad-(request|range)$/) as string])
  })

  test('an unknown device, recording, undo and path have codes of their own', async () => {
    expect(codeOf(await get(`/api/traffic/live/devices/nobody?${range}`))).toBe('no-such-device')
    expect(codeOf(await get('/api/traffic/replay-9/status'))).toBe('no-such-replay')
    expect(codeOf(await get('/api/nothing'))).toBe('not-found')
    expect(codeOf(await lab.ask(lab.admin, { method: 'POST', url: '/api/undo/x' }))).toBe('nothing-to-undo')
    expect(codeOf(await lab.ask(lab.admin, { method: 'POST', url: '/api/nothing' }))).toBe('not-found')
  })

  test.each([
    ['bad-json', 'application/json', '{"password":'],
    ['bad-json', 'application/json', ''],
    ['wrong-type', 'text/plain', 'password'],
    ['wrong-type', 'multipart/form-data; boundary=x', '--x--'],
    ['bad-request', 'application/json', '{"password":5}'],
    ['bad-request', 'application/json', '[]'],
    ['too-large', 'application/json', JSON.stringify({ password: 'x'.repeat(300_000) })],
    ['bad-json', 'application/json', '{"password":"x","__proto__":{"role":"admin"}}'],
  ])('a body is answered with %s (%s)', async (code, type, payload) => {
    expect(
      codeOf(await lab.ask(null, { method: 'POST', url: '/api/login', headers: { 'content-type': type }, payload })),
    ).toBe(code)
  })

  test('a mistake of our own is reported to the program, not to the page', async () => {
    const broken = { ...createFakeService(), status: async () => Promise.reject(new Error('secret /path')) }
    const other = await openLab({ service: broken })
    const answer = await other.ask(other.admin, { method: 'GET', url: '/api/traffic/live/status' })
    expect([answer.statusCode, answer.json()]).toEqual([
      500,
      { error: { code: 'internal', message: 'Something went wrong in the program itself.' } },
    ])
    expect(other.errors.map((error) => error.message)).toEqual(['secret /path'])
    await other.close()
  })

  test('too many requests from one address are slowed down, whoever asks', async () => {
    const small = await openLab({ requestsPerMinute: 5 })
    const codes: (string | null)[] = []
    for (let time = 0; time < 7; time++)
      codes.push(codeOf(await small.ask(small.viewer, { method: 'GET', url: '/api/ignored' })))
    expect(codes).toEqual([null, null, null, null, null, 'too-many', 'too-many'])
    await small.close()
  })
})

describe('changes', () => {
  test('a name is changed and taken back', async () => {
    const { id } = lab.service.devices('live')[2]
    const change = await lab.ask(lab.admin, {
      method: 'PATCH',
      url: `/api/devices/${id}`,
      payload: { name: 'Front door' },
    })
    expect(lab.service.devices('live')[2].name).toBe('Front door')
    await lab.ask(lab.admin, { method: 'POST', url: `/api/undo/${change.json<{ undo: string }>().undo}` })
    expect(lab.service.devices('live')[2].name).toBe('Doorbell')
  })

  test('a forgotten device can be ignored, and the access log says that there was one, not which', async () => {
    const { id } = lab.service.devices('live')[3]
    const receipt = await lab.ask(lab.admin, {
      method: 'POST',
      url: `/api/devices/${id}/forget`,
      payload: { ignore: true },
    })
    expect(receipt.json()).toMatchObject({ ignored: true })
    expect((await get('/api/ignored')).json()).toEqual([id])
    const log = (await get('/api/access-log')).body
    expect(log).toContain('forgot-device')
    expect(log).not.toContain(id)
    expect((await lab.ask(lab.admin, { method: 'DELETE', url: `/api/ignored/${id}` })).statusCode).toBe(200)
  })

  test("a browser's report of a violation is counted; the latest are kept, shortened", async () => {
    for (let time = 0; time < 30; time++) {
      const payload = JSON.stringify({
        'csp-report': { 'violated-directive': 'script-src', 'blocked-uri': 'x'.repeat(5000) },
      })
      await lab.app.inject({
        method: 'POST',
        url: '/api/csp-report',
        headers: { 'content-type': 'application/csp-report', origin: 'null' },
        payload,
      })
    }
    const page = (await get('/api/csp-report')).json<{ count: number; latest: { blocked: string }[] }>()
    expect([page.count, page.latest.length, page.latest[0].blocked.length]).toEqual([30, 20, 200])
  })
})
