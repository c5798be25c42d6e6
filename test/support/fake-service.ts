// A service in memory over a seeded home, which fulfils every contract of server/service.ts.
import type { Readable } from 'node:stream'
import type {
  AlertRow,
  AlertState,
  TrafficStatus,
  Cell,
  Company,
  CompanyPage,
  CompanyRow,
  CompanyTraffic,
  Device,
  DevicePage,
  DeviceRow,
  EndpointRow,
  EventRow,
  HourGrid,
  Overview,
  Replay,
  ReplayControl,
  NameSource,
  ScopeId,
  SearchHit,
  Series,
  SettingsPage,
  TickMessage,
  Totals,
  DryRun,
  Undo,
} from '../../server/api.ts'
import { fakePeople } from './fake-people.ts'
import { fakeAnswer, fakeQuestions } from './fake-questions.ts'
import { readSettings, validate } from '../../server/settings/settings.ts'
import { CHANNEL_NAMES, channelOf, isSetUp } from '../../server/notify/channels/index.ts'
import { type Range, type SeriesQuery, type Service, type ServiceEvents } from '../../server/http/service.ts'
import { titleOf } from '../../server/alerts/words.ts'
import { fakeAlerts, fakeHosts, GOES_ON_SECONDS, manyAlerts } from './fake-alerts.ts'
import { amount } from '../../server/text/en/amount.ts'
import { eventSentence } from '../../server/text/en/events.ts'
import { calledName, FAKE_OWNERS, fakeOwner, makeHome, type FakeDevice, type FakeEndpoint } from './fake-home.ts'
import { attributedOf, likelyTop, sumOf, withLikely } from './fake-likely.ts'
import { WORDS } from './fake-words.ts'
import { ServiceError } from '../../server/model/service-error.ts'
import type { Settings } from '../../server/settings/schema.ts'
import { settingsSchema } from '../../server/settings/schema.ts'
import { SettingError } from '../../server/settings/field-check.ts'

export interface FakeServiceOptions {
  seed?: number
  devices?: number
  /** Of all devices together. */
  endpoints?: number
  hostile?: boolean
  /** So many alerts instead of one of each kind. */
  alerts?: number
  /** Still learning, the first hour of a capture. */
  learning?: boolean
  /** Seconds since 1970. */
  now?: () => number
}

export interface FakeService extends Service {
  /** One second passes: listeners are called, replays go on. */
  second(): void
}

interface FakeTraffic {
  devices: FakeDevice[]
  first: number
  gap: Range
}

const HOUR = 3_600
const DAY = 86_400

export function createFakeService(options: FakeServiceOptions = {}): FakeService {
  const seed = options.seed ?? 1
  const now = options.now ?? (() => Math.floor(Date.now() / 1000))
  const started = now()
  const first = options.learning === true ? started - 3600 : started - 30 * DAY
  const gap = { from: started - 20 * 3600, to: started - 19 * 3600 }
  const make = (from: number, hole: Range, devices: number, endpoints: number, salt: number): FakeTraffic => ({
    devices: makeHome({
      seed: seed + salt,
      devices,
      endpoints,
      hostile: options.hostile ?? false,
      first: from,
      gap: hole,
    }),
    first: from,
    gap: hole,
  })
  const live = make(first, gap, options.devices ?? 12, options.endpoints ?? 0, 0)

  const replays = new Map<string, { facts: Replay; traffic: FakeTraffic }>()
  const listeners: { [Name in keyof ServiceEvents]: ServiceEvents[Name][] } = {
    second: [],
    part: [],
    devices: [],
    status: [],
    replay: [],
    alerts: [],
    events: [],
    changed: [],
  }
  const undos = new Map<string, () => void>()
  const ignored: string[] = []
  const people = fakePeople((change) => undoable(change))
  let settings: Settings = readSettings({}).settings
  let lastId = 0
  let dryRun: DryRun | null = null
  const noSuchDryRun = (): never => {
    throw new ServiceError(
      404,
      'no-such-dry-run',
      'This dry run is over, and another may have been begun; begin it again',
    )
  }
  const nextId = (prefix: string): string => `${prefix}${++lastId}`

  const emit = <Name extends keyof ServiceEvents>(event: Name, ...args: Parameters<ServiceEvents[Name]>): void => {
    for (const listener of listeners[event]) (listener as (...given: Parameters<ServiceEvents[Name]>) => void)(...args)
  }
  const replayOf = (id: string): { facts: Replay; traffic: FakeTraffic } => {
    const found = replays.get(id)
    if (found === undefined)
      throw new ServiceError(404, 'no-such-replay', 'There is no such recording; it may have been closed.')
    return found
  }
  const trafficOf = (scope: ScopeId): FakeTraffic => (scope === 'live' ? live : replayOf(scope).traffic)
  const clockOf = (scope: ScopeId): number =>
    scope === 'live' ? now() : Math.floor(replayOf(scope).facts.position ?? replayOf(scope).traffic.first)
  const deviceOf = (scope: ScopeId, id: string): FakeDevice => {
    const found = trafficOf(scope).devices.find((device) => device.id === id && device.mergedInto === null)
    if (found === undefined)
      throw new ServiceError(404, 'no-such-device', 'There is no such device; it may have been forgotten.')
    return found
  }

  const shown = (scope: ScopeId): FakeDevice[] =>
    trafficOf(scope).devices.filter((device) => device.mergedInto === null && device.firstSeen < clockOf(scope))
  const partsOf = (scope: ScopeId, device: FakeDevice): FakeDevice[] =>
    trafficOf(scope).devices.filter((other) => other === device || other.mergedInto === device.id)
  const clip = (scope: ScopeId, range: Range): Range => {
    const clock = clockOf(scope)
    return { from: Math.min(Math.floor(range.from), clock), to: Math.min(Math.floor(range.to), clock) }
  }
  const moved = (course: (second: number) => number, range: Range): number => course(range.to) - course(range.from)

  const describe = (scope: ScopeId, device: FakeDevice): Device => {
    const clock = clockOf(scope)
    const owner = scope === 'live' ? people.personOf(device.id) : null
    return {
      id: device.id,
      index: device.index,
      name: device.name ?? device.guessedName,
      namedByOwner: device.name !== null,
      kind: device.kind ?? device.guessedKind,
      kindByOwner: device.kind !== null,
      ...(device.kind === null && device.guesses !== undefined ? { guesses: device.guesses } : {}),
      vendor: device.vendor,
      why: [
        ...(device.guessedName === null ? [] : [`It calls itself ${device.guessedName} (mDNS)`]),
        `Its network card was made by ${device.vendor}`,
      ],
      confidence: device.guessedName === null ? 0 : 0.9,
      mac: device.id,
      privateMac: device.index % 9 === 8,
      addresses: device.addresses,
      level: device.level,
      ...(owner === null ? {} : { person: owner }),
      merged: partsOf(scope, device)
        .filter((part) => part !== device)
        .map((part) => part.id),
      firstSeen: device.firstSeen,
      lastSeen: device.level === 'paused' ? clock - 3600 : clock - (device.index % 5),
      isNew: device.firstSeen > clock - 7 * DAY && device.firstSeen > live.first,
    }
  }

  interface Filter {
    device?: string
    company?: string
    owner?: string
    purpose?: string
  }
  const companyKey = (slug: string | null): string => slug ?? '-'
  const isOwnedBy = ({ slug, cloud }: Company, owner: string): boolean =>
    companyKey(slug) === owner || (!cloud && FAKE_OWNERS[slug ?? ''] === owner)
  /** Every endpoint that a filter lets through, with the device that is shown for it. */
  const flows = (scope: ScopeId, filter: Filter): { device: FakeDevice; endpoint: FakeEndpoint }[] => {
    const devices = filter.device === undefined ? shown(scope) : [deviceOf(scope, filter.device)]
    return devices
      .flatMap((device) =>
        partsOf(scope, device).flatMap((part) => part.endpoints.map((endpoint) => ({ device, endpoint }))),
      )
      .filter(
        ({ endpoint }) =>
          (filter.company === undefined || companyKey(endpoint.company.slug) === filter.company) &&
          (filter.owner === undefined || isOwnedBy(endpoint.company, filter.owner)) &&
          (filter.purpose === undefined || endpoint.purpose === filter.purpose),
      )
  }
  const covered = (scope: ScopeId, range: Range): boolean => {
    const traffic = trafficOf(scope)
    if (range.to <= traffic.first || range.from >= clockOf(scope)) return false
    return !(range.from >= traffic.gap.from && range.to <= traffic.gap.to)
  }

  const rowOf = (scope: ScopeId, device: FakeDevice, range: Range, filter: Filter): DeviceRow => {
    const mine = flows(scope, { ...filter, device: device.id })
    const byCompany = new Map<string | null, number>()
    let sent = 0
    let received = 0
    for (const { endpoint } of mine) {
      const out = moved(endpoint.sent, range)
      sent += out
      received += moved(endpoint.received, range)
      byCompany.set(endpoint.company.slug, (byCompany.get(endpoint.company.slug) ?? 0) + out)
    }
    const parts = 24
    const edge = (part: number): number => Math.floor(range.from + ((range.to - range.from) * part) / parts)
    const sparkline = Array.from({ length: parts }, (_, part) =>
      mine.reduce((sum, { endpoint }) => sum + moved(endpoint.sent, { from: edge(part), to: edge(part + 1) }), 0),
    )
    const likely = likelyTop(mine, range)
    return {
      ...describe(scope, device),
      sent,
      received,
      ...(likely === undefined ? {} : { likelyTop: likely }),
      sentLocal: moved(device.local, range),
      receivedLocal: moved(device.local, range),
      topCompany: [...byCompany].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null,
      sparkline,
    }
  }
  const companiesOf = (
    scope: ScopeId,
    found: { device: FakeDevice; endpoint: FakeEndpoint }[],
    range: Range,
  ): CompanyRow[] => {
    const rows = new Map<string | null, CompanyRow & { ids: Set<string> }>()
    for (const { device, endpoint } of found) {
      const sent = moved(endpoint.sent, range)
      const received = moved(endpoint.received, range)
      if (sent === 0 && received === 0) continue
      const slug = endpoint.company.slug
      const row = rows.get(slug) ?? {
        ...endpoint.company,
        ...fakeOwner(slug),
        sent: 0,
        received: 0,
        devices: 0,
        purposes: [],
        first: endpoint.firstSeen,
        last: clockOf(scope),
        ids: new Set<string>(),
      }
      rows.set(slug, row)
      row.sent += sent
      row.received += received
      row.devices = row.ids.add(device.id).size
      if (!row.purposes.includes(endpoint.purpose)) row.purposes.push(endpoint.purpose)
    }
    const seen = [...rows.values()].map(({ ids: _, ...row }) => row)
    return withLikely(seen, found, range).sort((one, other) => other.sent - one.sent)
  }
  const coverageOf = (found: { endpoint: FakeEndpoint }[], range: Range): Partial<Record<NameSource, number>> => {
    const coverage: Partial<Record<NameSource, number>> = {}
    for (const { endpoint } of found) {
      const bytes = moved(endpoint.sent, range) + moved(endpoint.received, range)
      if (bytes > 0) coverage[endpoint.namedBy] = (coverage[endpoint.namedBy] ?? 0) + bytes
    }
    return coverage
  }
  const endpointRow = (scope: ScopeId, endpoint: FakeEndpoint, range: Range): EndpointRow => {
    const { sent, received, firstSeen, ...facts } = endpoint
    return {
      ...facts,
      sent: moved(sent, range),
      received: moved(received, range),
      first: Math.max(firstSeen, range.from),
      last: range.to,
      isNew: firstSeen > trafficOf(scope).first + 7 * DAY,
    }
  }
  const busy = (row: { sent: number; received: number }): boolean => row.sent > 0 || row.received > 0

  async function overview(scope: ScopeId, asked: Range & Filter): Promise<Overview> {
    const range = clip(scope, asked)
    const filter: Filter = {
      ...(asked.device === undefined ? {} : { device: asked.device }),
      ...(asked.company === undefined ? {} : { company: asked.company }),
      ...(asked.owner === undefined ? {} : { owner: asked.owner }),
    }
    const found = flows(scope, filter)
    const chosen = asked.device === undefined ? shown(scope) : [deviceOf(scope, asked.device)]
    const devices = chosen
      .map((device) => rowOf(scope, device, range, filter))
      .filter((row) => (asked.company ?? asked.owner) === undefined || busy(row))
    const companies = companiesOf(scope, found, range)
    const purposes = [...new Set(companies.flatMap((company) => company.purposes))]
    const deviceAt = new Map(devices.map((device, place) => [device.id, place]))
    const companyAt = new Map(companies.map((company, place) => [company.slug, place]))
    const cells = new Map<string, Cell>()
    for (const { device, endpoint } of found) {
      const [sent, received] = [moved(endpoint.sent, range), moved(endpoint.received, range)]
      if (sent === 0 && received === 0) continue
      const places = [
        deviceAt.get(device.id)!,
        companyAt.get(endpoint.company.slug)!,
        purposes.indexOf(endpoint.purpose),
      ] as const
      const cell = cells.get(places.join()) ?? [...places, 0, 0]
      cell[3] += sent
      cell[4] += received
      cells.set(places.join(), cell)
    }
    const sum = (field: 'sent' | 'received' | 'sentLocal' | 'receivedLocal'): number =>
      devices.reduce((total, device) => total + device[field], 0)
    return {
      from: asked.from,
      to: asked.to,
      sent: sum('sent'),
      received: sum('received'),
      sentLocal: sum('sentLocal'),
      receivedLocal: sum('receivedLocal'),
      devices,
      companies,
      purposes,
      cells: [...cells.values()],
      coverage: coverageOf(found, range),
      attributed: attributedOf(found, range),
    }
  }

  async function series(scope: ScopeId, query: SeriesQuery): Promise<Series> {
    const found = flows(scope, query)
    const step =
      query.step ??
      [1, 5, 10, 60, 300, 900, 3600, 6 * 3600, DAY].find((seconds) => (query.to - query.from) / seconds <= 400) ??
      DAY
    const from = Math.floor(query.from / step) * step
    const edges = Array.from({ length: Math.max(0, Math.ceil((query.to - from) / step)) }, (_, place) => ({
      from: from + place * step,
      to: from + (place + 1) * step,
    }))
    const values = (field: 'sent' | 'received'): (number | null)[] =>
      edges.map((edge) =>
        covered(scope, edge)
          ? found.reduce((sum, { endpoint }) => sum + moved(endpoint[field], clip(scope, edge)), 0)
          : null,
      )
    return { from, step, sent: values('sent'), received: values('received') }
  }

  async function device(scope: ScopeId, id: string, asked: Range): Promise<DevicePage> {
    const range = clip(scope, asked)
    const found = flows(scope, { device: id })
    const endpoints = found
      .map(({ endpoint }) => endpointRow(scope, endpoint, range))
      .filter(busy)
      .sort((one, other) => other.sent - one.sent)
    return {
      device: rowOf(scope, deviceOf(scope, id), range, {}),
      endpoints,
      companies: companiesOf(scope, found, range),
      coverage: coverageOf(found, range),
      attributed: attributedOf(found, range),
    }
  }

  async function grid(scope: ScopeId, id: string): Promise<HourGrid> {
    const found = flows(scope, { device: id })
    const today = Math.floor(clockOf(scope) / DAY) * DAY
    return {
      days: Array.from({ length: 7 }, (_, place) => {
        const midnight = today - (6 - place) * DAY
        const hours = Array.from({ length: 24 }, (_, hour) => ({
          from: midnight + hour * 3600,
          to: midnight + (hour + 1) * 3600,
        }))
        return {
          date: new Date(midnight * 1000).toISOString().slice(0, 10),
          hours: hours.map((range) =>
            covered(scope, range)
              ? found.reduce((sum, { endpoint }) => sum + moved(endpoint.sent, clip(scope, range)), 0)
              : null,
          ),
        }
      }),
    }
  }

  async function company(scope: ScopeId, slug: string, asked: Range): Promise<CompanyPage> {
    const range = clip(scope, asked)
    const whole = flows(scope, {})
    const found = whole.filter(({ endpoint }) => companyKey(endpoint.company.slug) === slug)
    const behind = whole.find(({ endpoint }) => endpoint.likely?.company.slug === slug)?.endpoint.likely?.company
    const facts: Company | undefined = found[0]?.endpoint.company ?? behind
    if (facts === undefined) throw new ServiceError(404, 'no-such-company', 'Nothing at home talked to this company.')
    const isOwner = Object.values(FAKE_OWNERS).includes(slug)
    const all = isOwner ? flows(scope, { owner: slug }) : []
    const clouds = whole.filter(
      ({ endpoint }) => endpoint.company.cloud && FAKE_OWNERS[endpoint.company.slug ?? ''] === slug,
    )
    return {
      ...companyTraffic(scope, facts, { company: slug }, range),
      home: facts.slug === null ? null : `https://${facts.slug}.example/`,
      about: facts.slug === null ? null : `${facts.name} makes devices and runs services for them.`,
      ...(isOwner
        ? {
            family: {
              ...companyTraffic(scope, facts, { owner: slug }, range),
              brands: companiesOf(scope, all, range),
              rented: companiesOf(scope, clouds, range),
            },
          }
        : {}),
    }
  }

  function companyTraffic(scope: ScopeId, facts: Company, filter: Filter, range: Range): CompanyTraffic {
    const found = flows(scope, filter)
    const probable = flows(scope, {}).filter(
      ({ endpoint: { likely } }) =>
        likely !== undefined &&
        (filter.owner === undefined
          ? companyKey(likely.company.slug) === filter.company
          : isOwnedBy(likely.company, filter.owner)),
    )
    const probably = new Set(probable.map(({ device }) => device.id))
    const likely = sumOf(probable, range)
    return {
      company: { ...familyRow(scope, facts, found, range), ...(likely === null ? {} : { likely }) },
      devices: [...new Set([...found, ...probable].map((flow) => flow.device))]
        .map((one) => rowOf(scope, one, range, filter))
        .filter((row) => busy(row) || probably.has(row.id)),
      hosts: [...found, ...probable]
        .map((flow) => ({ ...endpointRow(scope, flow.endpoint, range), device: flow.device.id }))
        .filter(busy)
        .sort((one, other) => other.sent - one.sent),
    }
  }

  /** The company's row with all that is part of it added up. */
  function familyRow(
    scope: ScopeId,
    facts: Company,
    found: { device: FakeDevice; endpoint: FakeEndpoint }[],
    range: Range,
  ): CompanyRow {
    const rows = companiesOf(scope, found, range)
    const moving = found.filter(
      ({ endpoint }) => moved(endpoint.sent, range) > 0 || moved(endpoint.received, range) > 0,
    )
    return {
      ...facts,
      ...fakeOwner(facts.slug),
      sent: rows.reduce((sum, row) => sum + row.sent, 0),
      received: rows.reduce((sum, row) => sum + row.received, 0),
      devices: new Set(moving.map(({ device }) => device.id)).size,
      purposes: [...new Set(rows.flatMap((row) => row.purposes))],
      first: rows.length === 0 ? null : Math.min(...rows.map((row) => row.first ?? Infinity)),
      last: rows.length === 0 ? null : clockOf(scope),
    }
  }

  async function totals(scope: ScopeId, period: Totals['period']): Promise<Totals> {
    const days = { day: 1, week: 7, month: 30 }[period]
    const count = { day: 14, week: 8, month: 6 }[period]
    const end = (Math.floor(clockOf(scope) / DAY) + 1) * DAY
    const bounds = Array.from({ length: count + 1 }, (_, place) => end - (count - place) * days * DAY)
    const ranges = bounds.slice(1).map((to, place) => clip(scope, { from: bounds[place], to }))
    const devices = shown(scope).map((one) => {
      const found = flows(scope, { device: one.id })
      const column = (field: 'sent' | 'received'): number[] =>
        ranges.map((range) => found.reduce((sum, { endpoint }) => sum + moved(endpoint[field], range), 0))
      return { id: one.id, sent: column('sent'), received: column('received') }
    })
    return { period, bounds, devices }
  }

  async function search(scope: ScopeId, text: string): Promise<SearchHit[]> {
    const wanted = text.toLowerCase()
    const hits: SearchHit[] = []
    const companies = new Set<string>()
    for (const one of shown(scope)) {
      const title = calledName(one)
      if (`${title} ${one.id} ${one.addresses.join(' ')}`.toLowerCase().includes(wanted))
        hits.push({ kind: 'device', id: one.id, title, detail: one.addresses[0] })
      for (const endpoint of one.endpoints) {
        const { slug, name } = endpoint.company
        if (slug !== null && !companies.has(slug) && name.toLowerCase().includes(wanted)) {
          companies.add(slug)
          hits.push({ kind: 'company', id: slug, title: name, detail: endpoint.purpose })
        }
        if (endpoint.host?.toLowerCase().includes(wanted) === true)
          hits.push({ kind: 'host', id: one.id, title: endpoint.host, detail: title })
      }
    }
    return hits.slice(0, 50)
  }

  async function status(scope: ScopeId): Promise<TrafficStatus> {
    const traffic = trafficOf(scope)
    const clock = clockOf(scope)
    return {
      scope,
      now: clock,
      first: traffic.first,
      last: clock,
      timeZone: 'Etc/UTC',
      sample: scope === 'live' && settings.sources.interfaces.length === 0,
      learningUntil: scope === 'live' && clock < traffic.first + 7 * DAY ? traffic.first + 7 * DAY : null,
      sources: [
        {
          id: 'sample',
          kind: scope === 'live' ? 'sample' : 'file',
          title: scope === 'live' ? 'The sample home' : replayOf(scope).facts.name,
          state: 'running',
          packets: (clock - traffic.first) * 31,
          packetsPerSecond: 31,
          dropped: 0,
          lastPacket: clock,
          problem: null,
        },
      ],
      health: {
        packets: (clock - traffic.first) * 31,
        dropped: 0,
        paused: 0,
        copied: 0,
        damaged: { dns: 3 },
        limits: {},
        memoryBytes: 90_000_000,
        databaseBytes: 12_000_000,
        writtenBytes: 3_000_000,
        cpuSeconds: 12,
        startedAt: started,
      },
    }
  }

  const decided = new Map<string, AlertState>()
  const muted = new Set<string>()
  const alertsOf = (scope: ScopeId): AlertRow[] => {
    const made =
      options.alerts === undefined
        ? fakeAlerts(shown(scope), clockOf(scope), scope === 'live' ? started : clockOf(scope) - HOUR)
        : manyAlerts(shown(scope), clockOf(scope), options.alerts)
    return made.map((alert) => ({
      ...alert,
      state: decided.get(alert.id) ?? alert.state,
      muted: muted.has(alert.id),
    }))
  }
  const alertOf = (scope: ScopeId, id: string): AlertRow => {
    const found = alertsOf(scope).find((alert) => alert.id === id)
    if (found === undefined)
      throw new ServiceError(404, 'no-such-alert', 'There is no such alert; its device may have been forgotten')
    return found
  }
  const eventsOf = (scope: ScopeId): EventRow[] => [
    ...shown(scope)
      .slice(0, 4)
      .map((device, index) => {
        const { company, host, purpose } = device.endpoints[0] ?? {
          company: { slug: null, name: '', cloud: false },
          host: null,
          purpose: 'unknown',
        }
        const kind = index === 0 ? 'voice-request' : 'motion-upload'
        const moved = { sent: 108_000, received: 9_000, confidence: index === 0 ? 0.6 : 0.9 }
        return {
          id: `event-${index}`,
          at: clockOf(scope) - 600 * (index + 1),
          device: device.id,
          kind,
          message: eventSentence({ kind, ...moved }, company.name === '' ? host : company.name),
          company,
          host,
          purpose,
          ...moved,
          seconds: 7,
          reasons: ['as much as a spoken request takes'],
        }
      }),
    ...alertsOf(scope).flatMap((alert) => eventOf(alert)),
  ]
  /** The burst of an upload as it is cut for events: without its pauses and trickles, so with other bytes. */
  const eventOf = (alert: AlertRow): EventRow[] => {
    const { id, device, from: at, destinations, bytes, times, isOver } = alert
    const [to] = destinations
    if (device === null || to === undefined || !isOver) return []
    const kind = to.company === null ? 'unknown-upload' : 'motion-upload'
    const moved = { sent: Math.round((bytes / times) * 1.2), received: 9_000, confidence: 0.8 }
    const company = to.company ?? { slug: null, name: '', cloud: false }
    return [
      {
        id: `event-of-${id}`,
        at,
        device,
        kind,
        message: eventSentence({ kind, ...moved }, company.name === '' ? to.host : company.name),
        company,
        host: to.host,
        purpose: 'unknown',
        ...moved,
        seconds: 30,
        reasons: [`${amount(moved.sent)} sent and ${amount(moved.received)} received in 30 seconds`],
      },
    ]
  }

  const undoable = (change: () => void): Undo => {
    const undo = nextId('undo-')
    undos.set(undo, change)
    emit('changed', 'live')
    return { undo }
  }

  async function upload(name: string, size: number | null, body: Readable): Promise<Replay> {
    let bytes = 0
    for await (const chunk of body) {
      bytes += (chunk as Buffer).length
      if (bytes > settings.replay.maxUploadMegabytes * 1_000_000)
        throw new ServiceError(
          413,
          'too-large',
          `A recording may have ${settings.replay.maxUploadMegabytes} MB at most.`,
        )
    }
    if (size !== null && bytes !== size)
      throw new ServiceError(400, 'cut-off', `The upload ended after ${bytes} of ${size} bytes.`)
    if (bytes < 24) throw new ServiceError(400, 'not-a-capture', 'This is not a capture file: it is too short.')
    const begin = started - 40 * DAY
    const id = nextId('replay-')
    const facts: Replay = {
      id,
      name,
      state: 'ready',
      format: 'pcap',
      linkTypes: ['Ethernet'],
      bytesTotal: bytes,
      bytesRead: 0,
      packetsTotal: 90_000,
      packets: 0,
      packetsPerSecond: 0,
      secondsLeft: null,
      first: begin,
      last: begin + 3600,
      position: begin,
      speed: 1,
      skipQuiet: false,
      revision: 0,
      problems: [{ packet: 812, offset: 61_440, message: 'packet 812: cut off after 60 of 74 bytes' }],
      error: null,
    }
    replays.set(id, { facts, traffic: make(begin, { from: begin + 1200, to: begin + 1260 }, 5, 0, lastId) })
    emit('replay', facts)
    return facts
  }

  const seek = (facts: Replay, to: number): void => {
    const share = (to - facts.first!) / (facts.last! - facts.first!)
    facts.position = to
    facts.bytesRead = Math.floor(facts.bytesTotal * share)
    facts.packets = Math.floor(facts.packetsTotal! * share)
  }
  async function control(id: string, wanted: ReplayControl): Promise<Replay> {
    const { facts } = replayOf(id)
    if (wanted.action === 'speed') facts.speed = wanted.speed
    else if (wanted.action === 'skip-quiet') facts.skipQuiet = wanted.on
    else if (wanted.action === 'seek') {
      if (wanted.to < facts.first! || wanted.to > facts.last!)
        throw new ServiceError(400, 'outside', 'This moment is not in the recording.')
      seek(facts, wanted.to)
      emit('changed', id)
    } else facts.state = ({ play: 'playing', pause: 'paused', cancel: 'cancelled' } as const)[wanted.action]
    emit('replay', facts)
    return facts
  }
  const stepOf = (facts: Replay): number => (facts.speed === 'max' ? 600 : facts.speed)
  const goOn = (facts: Replay): void => {
    if (facts.state !== 'playing') return
    seek(facts, Math.min(facts.last!, facts.position! + stepOf(facts)))
    facts.packetsPerSecond = stepOf(facts) * 25
    facts.secondsLeft = Math.ceil((facts.last! - facts.position!) / stepOf(facts))
    if (facts.position === facts.last) facts.state = 'ended'
    emit('replay', facts)
  }

  function tickOf(room: string): TickMessage | null {
    const [head = '', ...rest] = room.split(':')
    const scope = head === 'replay' ? (rest.shift() ?? '') : 'live'
    if (head === 'replay' && rest[0] === 'device') rest.shift()
    const id = rest.length === 0 ? null : rest.join(':')
    try {
      const clock = clockOf(scope)
      const step = scope === 'live' ? 1 : replayOf(scope).facts.state === 'playing' ? stepOf(replayOf(scope).facts) : 0
      const range = { from: clock - step, to: clock }
      const parts = new Map<number, [number, number]>()
      for (const flow of flows(scope, id === null ? {} : { device: id })) {
        const part = parts.get(id === null ? flow.device.index : flow.endpoint.id) ?? [0, 0]
        part[0] += moved(flow.endpoint.sent, range)
        part[1] += moved(flow.endpoint.received, range)
        parts.set(id === null ? flow.device.index : flow.endpoint.id, part)
      }
      const busyParts = [...parts].filter(([, [sent, received]]) => sent > 0 || received > 0)
      const sum = (place: 0 | 1): number => busyParts.reduce((total, [, part]) => total + part[place], 0)
      return [
        clock,
        step,
        sum(0),
        sum(1),
        ...busyParts.flatMap(([number, [sent, received]]) => [number, sent, received]),
      ]
    } catch (error) {
      if (error instanceof ServiceError) return null
      throw error
    }
  }

  return {
    words: () => WORDS,
    believeClock: async () => undefined,
    status,
    devices: (scope) => shown(scope).map((one) => describe(scope, one)),
    overview,
    people: people.people,
    addPerson: people.addPerson,
    changePerson: people.changePerson,
    removePerson: people.removePerson,
    trackedPeople: async (scope) => people.tracked(shown(scope).map((one) => describe(scope, one))),
    questions: async (scope) => fakeQuestions(shown(scope)[0]?.id ?? ''),
    ask: async (_scope, id, query) => fakeAnswer(id, query),
    series,
    device,
    grid,
    company,
    totals,
    deviceList: async (scope, { offset, limit, q, ...range }) => {
      const { devices } = await overview(scope, range)
      const found = devices.filter(({ id, name }) => q === undefined || `${id} ${name ?? ''}`.includes(q))
      return { total: found.length, devices: found.slice(offset, offset + limit) }
    },
    mergeOffers: () => [],
    acceptMerge: async () => ({ undo: 'undo-0' }),
    declineMerge: async () => ({ undo: 'undo-0' }),
    seenOnce: async () => ({ count: 0, examples: [], until: now() }),
    forgetSeenOnce: async () => ({
      id: `receipt-${++lastId}`,
      at: now(),
      rows: 0,
      files: 0,
      ignored: false,
      devices: 0,
    }),
    search,
    alerts: (scope) => alertsOf(scope),
    alert: async (scope, id) => {
      const alert = alertOf(scope, id)
      const from = alert.from - 6 * 3600
      const minutes = Array.from(
        { length: 720 },
        (_, minute) => 2_000 + ((minute * 7919) % 3_000) + (minute >= 360 && minute < 372 ? 60_000_000 : 0),
      )
      const [people] = shown(scope)
      return {
        alert,
        around: eventsOf(scope)
          .filter(({ at }) => at > alert.from - HOUR / 2 && at < alert.to + HOUR / 2)
          .sort((one, other) => one.at - other.at),
        alsoThen: alertsOf(scope)
          .filter((other) => other.id !== id && other.from < alert.to + HOUR && other.to > alert.from - HOUR)
          .slice(0, 30),
        series: {
          from,
          step: 60,
          sent: minutes,
          received: minutes.map((sent) => Math.round(sent / 20)),
          usual: { from, step: 3600, low: Array<number>(12).fill(50_000), high: Array<number>(12).fill(2_000_000) },
        },
        answers: {
          triggered: { people: people === undefined || alert.company === null ? [] : [people.id], local: 0 },
          makers: alert.company === null ? 'unknown' : 'cloud',
          vendor: 'Wyze',
          countries: ['US', 'DE'],
          hosts: fakeHosts(alert),
        },
      }
    },
    eventPage: async (scope, { from, to, device, kind, limit = 500 }) => {
      const all = eventsOf(scope).filter(
        (event) =>
          event.at >= from &&
          event.at < to &&
          (device === undefined || event.device === device) &&
          (kind === undefined || event.kind === kind),
      )
      const kept = { long: null, brief: null }
      return { events: all.slice(-limit), total: all.length, next: null, keptFrom: kept, isCut: false }
    },
    eventCounts: async () => ({ countedFrom: null, days: [], counts: [] }),
    events: (scope, range) =>
      eventsOf(scope).filter(
        (event) =>
          event.at >= range.from &&
          event.at < range.to &&
          (range.device === undefined || event.device === range.device),
      ),
    confirmRecovery: async () => {},
    decide: async (scope, id, decision) => {
      decided.set(id, decision)
      const alert = alertOf(scope, id)
      emit('alerts', scope, [alert])
      return alert
    },
    mute: async (id, on) => {
      if (on) muted.add(id)
      else muted.delete(id)
      return alertOf('live', id)
    },
    startDryRun: async ({ scope, alerts }) => {
      try {
        validate({ alerts }, settings)
      } catch (error) {
        if (error instanceof SettingError) throw new ServiceError(400, 'wrong-setting', error.message)
        throw error
      }
      const found = alertsOf(scope).map(({ kind, title, from, to, device, sent, received, message }, index) => ({
        change: index === 0 ? ('new' as const) : ('same' as const),
        kind,
        title,
        from,
        to,
        device,
        sent,
        received,
        message,
      }))
      const reach = [
        { kind: 'large-upload', title: titleOf('large-upload'), grain: 'minute' as const, from: now() - 2 * DAY },
        { kind: 'flood', title: titleOf('flood'), grain: null, from: null },
      ]
      dryRun = {
        id: nextId('dry-run'),
        scope,
        state: 'done',
        progress: 1,
        error: null,
        result: { from: now() - 7 * DAY, to: now(), today: 1, tried: found.length, alerts: found, more: 0, reach },
      }
      return dryRun
    },
    dryRun: (id) => (dryRun?.id === id ? dryRun : noSuchDryRun()),
    endDryRun: (id) => {
      if (dryRun?.id !== id) noSuchDryRun()
      dryRun = null
    },
    testChannel: async (name) => {
      const known = CHANNEL_NAMES.find((one) => one === name)
      if (known === undefined || !isSetUp(known, settings[known]))
        throw new ServiceError(404, 'no-such-channel', 'This channel is not set up: fill in its address and save first')
      return { delivered: false, reason: `${channelOf(known).label}: it cannot be reached at the moment` }
    },
    changeDevice: async (id, change) => {
      const one = deviceOf('live', id)
      const before = { name: one.name, kind: one.kind, level: one.level }
      const { person, ...rest } = change
      const owner = people.owners.get(id)
      const setOwner = (to: string | null | undefined): unknown =>
        typeof to === 'string' ? people.owners.set(id, to) : people.owners.delete(id)
      Object.assign(one, rest)
      if (person !== undefined) setOwner(person)
      return undoable(() => {
        Object.assign(one, before)
        setOwner(owner)
      })
    },
    merge: async (id, into) => {
      const [one, other] = [deviceOf('live', id), deviceOf('live', into)]
      if (one === other) throw new ServiceError(400, 'same-device', 'A device cannot be merged with itself.')
      one.mergedInto = other.id
      return undoable(() => {
        one.mergedInto = null
      })
    },
    split: async (id) => {
      const parts = partsOf('live', deviceOf('live', id)).filter((part) => part.id !== id)
      for (const part of parts) part.mergedInto = null
      return undoable(() => {
        for (const part of parts) part.mergedInto = id
      })
    },
    undo: async (undo) => {
      const change = undos.get(undo)
      if (change === undefined) throw new ServiceError(404, 'nothing-to-undo', 'This can no longer be taken back.')
      undos.delete(undo)
      change()
      emit('changed', 'live')
    },
    forget: async (id, ignore) => {
      const gone = partsOf('live', deviceOf('live', id))
      live.devices = live.devices.filter((one) => !gone.includes(one))
      if (ignore) ignored.push(id)
      emit('changed', 'live')
      return {
        id: `receipt-${++lastId}`,
        at: now(),
        rows: gone.reduce((sum, one) => sum + one.endpoints.length * 40, 0),
        files: 2,
        ignored: ignore,
      }
    },
    ignored: () => [...ignored],
    unignore: async (id) => {
      if (!ignored.includes(id)) throw new ServiceError(404, 'not-ignored', 'This device is not ignored.')
      ignored.splice(ignored.indexOf(id), 1)
    },
    upload,
    replays: () => [...replays.values()].map((one) => one.facts),
    replay: (id) => replayOf(id).facts,
    control,
    closeReplay: async (id) => {
      replayOf(id)
      replays.delete(id)
    },
    interfaces: () => [
      {
        name: 'br-lan',
        addresses: ['192.168.1.1'],
        sees: 'A bridge: everything that passes between its ports and this machine.',
      },
    ],
    settings: (): SettingsPage => ({ schema: settingsSchema(), values: settings }),
    changeSettings: async (values) => {
      try {
        settings = validate(values, settings)
      } catch (error) {
        if (error instanceof SettingError) throw new ServiceError(400, 'wrong-setting', error.message)
        throw error
      }
      return { schema: settingsSchema(), values: settings }
    },
    tickOf,
    setWatched: () => undefined,
    on: (event, listener) => {
      listeners[event].push(listener)
    },
    second: () => {
      for (const { facts } of replays.values()) goOn(facts)
      for (const scope of ['live', ...replays.keys()]) emit('second', scope)
      if (options.alerts === undefined && now() < started + GOES_ON_SECONDS + 30)
        emit(
          'alerts',
          'live',
          alertsOf('live').filter(({ id }) => id === 'alert-1'),
        )
      if (now() % 5 === 0) void status('live').then((facts) => emit('status', 'live', facts))
    },
  }
}
