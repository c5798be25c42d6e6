// Requests whose answers depend on the state folder, and the fields that do not.
import type { Browser } from './program.ts'

export type Answers = Record<string, unknown>

interface Named {
  id: string
}

/** What is left out of an answer before it is compared, and why. `*` is any key or place in a list, `**` any depth. */
const NOT_STATE: { path: RegExp; fields: string[]; because: string }[] = [
  {
    path: /\/status$/,
    fields: ['health.memoryBytes', 'health.cpuSeconds', 'health.databaseBytes', 'health.writtenBytes'],
    because: 'they measure the process and its files',
  },
  {
    path: /\/status$/,
    fields: [
      'sources.*.state',
      'sources.*.problem',
      'sources.*.packetsPerSecond',
      'health.packets',
      'health.paused',
      'health.damaged',
    ],
    because: 'they count or say what came since the start, in words of this version',
  },
  { path: /./, fields: ['**.index'], because: 'it numbers a device in the messages of this run' },
  { path: /^\/api\/session$/, fields: ['version'], because: 'it is another version' },
  { path: /^\/api\/settings$/, fields: ['schema'], because: 'titles and words of the form belong to the version' },
  { path: /^\/api\/settings$/, fields: ['channels.*.problem'], because: 'it is of the last attempt of this run' },
  {
    path: /\/alerts(\/[^/]+)?$/,
    fields: ['*', 'alert', 'alsoThen.*'].flatMap((at) => ['times', 'detail', 'message'].map((name) => `${at}.${name}`)),
    because: 'version 0.1.0 counted findings, one a second, and did not look at where some uploads went',
  },
  { path: /\/companies\/[^/]+$/, fields: ['home', 'about'], because: 'they are words of the rules, not of the home' },
]

export function onlyState(path: string, answer: unknown): unknown {
  const kept = structuredClone(answer)
  const plain = path.split('?')[0]
  for (const rule of NOT_STATE) {
    if (rule.path.test(plain)) for (const field of rule.fields) drop(kept, field.split('.'))
  }
  return kept
}

function drop(value: unknown, [first = '', ...rest]: string[]): void {
  if (typeof value !== 'object' || value === null) return
  const record = value as Record<string, unknown>
  if (first === '**') {
    drop(value, rest)
    for (const inner of Object.values(record)) drop(inner, [first, ...rest])
    return
  }
  const keys = first === '*' ? Object.keys(record) : [first]
  for (const key of keys) {
    if (rest.length === 0) delete record[key]
    else drop(record[key], rest)
  }
}

/** As version 0.1.0 named them; later versions answer under this path too. */
const TRAFFIC = '/api/books/live'
const DAY = 86_400

/** Paths whose answers the state alone decides, for the home as it is at `now`. */
export async function pathsFor(browser: Browser, now: number): Promise<string[]> {
  const devices = await browser.get<Named[]>(`${TRAFFIC}/devices`)
  const all = `from=${now - 30 * DAY}&to=${now}`
  const { companies } = await browser.get<{ companies: { slug: string | null }[] }>(`${TRAFFIC}/overview?${all}`)
  const alerts = await browser.get<Named[]>(`${TRAFFIC}/alerts`)
  const slugs = companies.map(({ slug }) => slug ?? '-')
  const ids = devices.map(({ id }) => encodeURIComponent(id))
  const ranges = [all, `from=${now - 2 * DAY}&to=${now - DAY}`, `from=${now - 4 * 3600}&to=${now}`]
  return [
    ...['session', 'settings', 'access-log', 'recorded', 'ignored', 'replays'].map((name) => `/api/${name}`),
    ...['status', 'devices', 'alerts'].map((name) => `${TRAFFIC}/${name}`),
    ...ranges.flatMap((range) => [`${TRAFFIC}/overview?${range}`, `${TRAFFIC}/events?${range}`]),
    ...['day', 'week', 'month'].map((period) => `${TRAFFIC}/totals?period=${period}`),
    ...seriesPaths(now, ids, slugs),
    ...ids.flatMap((id) => [`${TRAFFIC}/devices/${id}?${all}`, `${TRAFFIC}/devices/${id}?${ranges[2]}`]),
    ...ids.map((id) => `${TRAFFIC}/devices/${id}/grid`),
    ...slugs.map((slug) => `${TRAFFIC}/companies/${slug}?${all}`),
    ...slugs.slice(0, 4).flatMap((slug) => [`${TRAFFIC}/overview?${all}&company=${slug}`]),
    ...ids.slice(0, 4).map((id) => `${TRAFFIC}/overview?${all}&device=${id}`),
    ...alerts.map(({ id }) => `${TRAFFIC}/alerts/${id}`),
    ...['kitchen', 'amazon', 'ring', '192.168', 'com'].map((text) => `${TRAFFIC}/search?q=${text}`),
  ]
}

function seriesPaths(now: number, ids: string[], slugs: string[]): string[] {
  const spans = [
    [3 * DAY, DAY],
    [3 * DAY, 3600],
    [DAY, 3600],
    [DAY, 600],
    [6 * 3600, 60],
  ]
  const series = `${TRAFFIC}/series?`
  return [
    ...spans.map(([length = 0, step]) => `${series}from=${now - length}&to=${now}&step=${step}`),
    `${series}from=${now - 30 * DAY}&to=${now}`,
    ...ids.map((id) => `${series}from=${now - 2 * DAY}&to=${now}&step=3600&device=${id}`),
    ...slugs.slice(0, 6).map((slug) => `${series}from=${now - 2 * DAY}&to=${now}&step=3600&company=${slug}`),
    ...['voice', 'video', 'telemetry'].map((what) => `${series}from=${now - 2 * DAY}&to=${now}&purpose=${what}`),
  ]
}

/** Kept answers without what this version leaves out. */
export function stateOf(answers: Answers): Answers {
  return Object.fromEntries(Object.entries(answers).map(([path, answer]) => [path, onlyState(path, answer)]))
}

export async function askAll(browser: Browser, paths: readonly string[]): Promise<Answers> {
  const answers: Answers = {}
  for (const path of paths) answers[path] = onlyState(path, await browser.get(path))
  return answers
}
