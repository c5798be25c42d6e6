// Likely companies in the answers of the pages: beside what was seen, never in its sums, within the device's level.
import { expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import type { Device } from '../../../server/api.ts'
import { historyInThread } from '../../../server/history/answer.ts'
import type { HistoryDatabase } from '../../../server/history/database.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { LocalTime } from '../../../server/model/local-time.ts'
import { alertAnswers, withLikely } from '../../../server/queries/activity.ts'
import { overview } from '../../../server/queries/overview.ts'
import { companyPage, devicePage } from '../../../server/queries/pages.ts'
import type { TrafficView } from '../../../server/queries/traffic-view.ts'
import { batch, deviceName, endpoint } from '../history/histories.ts'
import { NOON, open } from '../history/whole-histories.ts'

const rules = openRules(compiledRulesFolder())
const RANGE = { from: NOON - 3_600, to: NOON + 60 }
const DOORBELL = deviceName(0)
const LAPTOP = deviceName(1)

const device = (id: string, more: Partial<Device>): Device => ({
  id,
  index: 0,
  name: null,
  namedByOwner: false,
  kind: 'unknown',
  kindByOwner: false,
  vendor: null,
  why: [],
  confidence: 0.8,
  mac: null,
  privateMac: false,
  addresses: [],
  level: 'everything',
  merged: [],
  firstSeen: NOON - 3_600,
  lastSeen: NOON,
  isNew: false,
  ...more,
})

/** A doorbell that sent 1,000 bytes to a nameless address in Amazon's cloud and 10 to its maker; a laptop beside it. */
function home(): HistoryDatabase {
  const database = open()
  const nameless = { host: null, company: 'aws', purpose: 'cloud', namedBy: 'network', service: 'tcp/443' } as const
  database.add(
    batch(
      [
        [NOON, 0, 11, 1_000, 100],
        [NOON, 0, 12, 10, 20],
        [NOON, 1, 13, 500, 50],
      ],
      {
        endpoints: [
          endpoint(11, { ...nameless, address: '52.5.20.40' }),
          endpoint(12, { host: 'fw.ring.com', company: 'ring', purpose: 'control', address: '52.7.7.7' }),
          endpoint(13, { ...nameless, address: '52.9.9.9' }),
        ],
      },
    ),
  )
  database.tick(NOON)
  database.flush()
  return database
}

function viewOf(database: HistoryDatabase): TrafficView {
  return {
    history: historyInThread(database),
    rules,
    localTime: new LocalTime('UTC'),
    now: () => NOON,
    devices: () => [
      device(DOORBELL, { vendor: 'Ring', kind: 'doorbell' }),
      device(LAPTOP, { vendor: 'Dell', kind: 'computer', index: 1 }),
    ],
    rootOf: (id) => id,
    membersOf: (id) => [id],
    endpointCache: new Map(),
    remainder: () => [],
    learningUntil: () => null,
  }
}

test('what went to a cloud stays there in all sums, and stands beside the likely company', async () => {
  const { sent, companies, attributed } = await overview(viewOf(home()), RANGE)
  expect(sent).toBe(1_510)
  expect(companies.find(({ slug }) => slug === 'aws')).toMatchObject({ sent: 1_500 })
  expect(companies.find(({ slug }) => slug === 'ring')).toMatchObject({
    sent: 10,
    received: 20,
    likely: { sent: 1_000, received: 100 },
  })
  expect(attributed).toEqual({ seen: 30, likely: 1_100, of: 1_680 })
})

test("a device's page says who is likely, why, and by which port", async () => {
  const page = await devicePage(viewOf(home()), DOORBELL, RANGE)
  const row = page?.endpoints.find(({ host }) => host === null)
  expect(row).toMatchObject({
    company: { slug: 'aws' },
    service: 'tcp/443',
    likely: { company: { slug: 'ring', name: 'Ring' } },
  })
  expect(row?.likely?.why.length).toBeGreaterThan(1)
  expect(page?.endpoints.find(({ host }) => host !== null)).not.toHaveProperty('likely')
})

test("a company's page lists what is likely its own, apart from its sum", async () => {
  const page = await companyPage(viewOf(home()), 'ring', RANGE)
  expect(page?.company).toMatchObject({ sent: 10, likely: { sent: 1_000 } })
  expect(page?.hosts.map(({ host, likely }) => [host, likely?.company.slug])).toEqual([
    [null, 'ring'],
    ['fw.ring.com', undefined],
  ])
})

test('of a device whose hosts are not kept nothing is likely', async () => {
  const database = home()
  database.coarsen(DOORBELL, 'companies')
  const { attributed, companies } = await overview(viewOf(database), RANGE)
  expect(attributed).toMatchObject({ likely: 0 })
  expect(companies.find(({ slug }) => slug === 'ring')).not.toHaveProperty('likely')
})

test('a neighbour that was forgotten is no reason any more', async () => {
  const database = home()
  const near = endpoint(14, { host: 'client.dropbox.com', company: 'dropbox', address: '52.9.9.9' })
  database.add(batch([[NOON, 2, 14, 1, 1]], { endpoints: [near] }))
  database.flush()
  const likelyOf = async (): Promise<string | null | undefined> =>
    (await devicePage(viewOf(database), LAPTOP, RANGE))?.endpoints[0]?.likely?.company.slug
  expect(await likelyOf()).toBe('dropbox')
  database.forget([deviceName(2)])
  expect(await likelyOf()).toBeUndefined()
})

test('a device says whom it probably sent most to, beside the company that it sent most to', async () => {
  const { devices } = await overview(viewOf(home()), RANGE)
  expect(devices.find(({ id }) => id === DOORBELL)).toMatchObject({
    topCompany: 'aws',
    likelyTop: { company: { slug: 'ring', name: 'Ring', cloud: false }, sent: 1_000 },
  })
  expect(devices.find(({ id }) => id === LAPTOP)).not.toHaveProperty('likelyTop')
})

test('the answers about an alert say who is likely at an address without a name, and what is kept does not', async () => {
  const view = viewOf(home())
  const alert = { device: DOORBELL, company: null, from: NOON, to: NOON, destinations: [] } as unknown as Alert
  const kept = await alertAnswers(view, alert)
  expect(kept.hosts.map(({ host }) => host)).toEqual([null, 'fw.ring.com'])
  expect(JSON.stringify(kept)).not.toContain('likely')
  const told = await withLikely(view, alert, kept)
  expect(told.hosts.map(({ likely }) => likely?.company.slug)).toEqual(['ring', undefined])
  expect(await withLikely(view, { ...alert, device: null }, kept)).toBe(kept)
})
