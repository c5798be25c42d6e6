// Schemas of the traffic history.
import { Type } from 'typebox'
import type * as api from '../../api.ts'
import { device } from './devices.ts'
import {
  coverage,
  describes,
  flag,
  NameSource,
  number,
  numberOrNull,
  numbers,
  numbersOrNulls,
  oneOf,
  text,
  textOrNull,
  texts,
  traffic,
  lookedUp,
} from './fields.ts'

export const company = { slug: textOrNull, name: text, cloud: flag }

const DeviceRow = describes<api.DeviceRow>()(
  Type.Object({
    ...device,
    ...traffic,
    ...lookedUp,
    sentLocal: number,
    receivedLocal: number,
    topCompany: textOrNull,
    likelyTop: Type.Optional(Type.Object({ company: Type.Object(company), sent: number })),
    sparkline: numbers,
  }),
)

const MoreDevices = Type.Object({ ...traffic, ...lookedUp, count: number, sentLocal: number, receivedLocal: number })

export const DeviceListPage = describes<api.DeviceListPage>()(
  Type.Object({ total: number, devices: Type.Array(DeviceRow) }),
)

const CompanyRow = describes<api.CompanyRow>()(
  Type.Object({
    ...company,
    owner: Type.Optional(Type.Object({ slug: text, name: text })),
    ...traffic,
    ...lookedUp,
    devices: number,
    purposes: texts,
    first: numberOrNull,
    last: numberOrNull,
    likely: Type.Optional(Type.Object(traffic)),
  }),
)

const attributed = Type.Object({ seen: number, likely: number, of: number })

const cell = Type.Unsafe<api.Cell>({ type: 'array', items: { type: 'number' }, minItems: 5, maxItems: 5 })

const lookupCell = Type.Unsafe<NonNullable<api.Overview['lookupCells']>[number]>({
  type: 'array',
  items: { type: 'number' },
  minItems: 4,
  maxItems: 5,
})

export const Overview = describes<api.Overview>()(
  Type.Object({
    ...traffic,
    ...lookedUp,
    from: number,
    to: number,
    sentLocal: number,
    receivedLocal: number,
    devices: Type.Array(DeviceRow),
    moreDevices: Type.Optional(MoreDevices),
    companies: Type.Array(CompanyRow),
    purposes: texts,
    cells: Type.Array(cell),
    lookupCells: Type.Optional(Type.Array(lookupCell)),
    coverage,
    attributed,
  }),
)

export const Series = describes<api.Series>()(
  Type.Object({ from: number, step: number, sent: numbersOrNulls, received: numbersOrNulls }),
)

export const Likely = Type.Object({ company: Type.Object(company), purpose: text, confidence: number, why: texts })

const endpoint = {
  ...traffic,
  ...lookedUp,
  id: number,
  host: textOrNull,
  addresses: texts,
  company: Type.Object(company),
  purpose: text,
  country: textOrNull,
  network: textOrNull,
  service: Type.Optional(text),
  likely: Type.Optional(Likely),
  labels: texts,
  namedBy: NameSource,
  ech: flag,
  first: numberOrNull,
  last: numberOrNull,
  isNew: flag,
}

const EndpointRow = describes<api.EndpointRow>()(Type.Object(endpoint))

export const DevicePage = describes<api.DevicePage>()(
  Type.Object({
    device: DeviceRow,
    endpoints: Type.Array(EndpointRow),
    companies: Type.Array(CompanyRow),
    coverage,
    attributed,
  }),
)

export const HourGrid = describes<api.HourGrid>()(
  Type.Object({ days: Type.Array(Type.Object({ date: text, hours: numbersOrNulls })) }),
)

const companyTraffic = {
  company: CompanyRow,
  devices: Type.Array(DeviceRow),
  moreDevices: Type.Optional(MoreDevices),
  hosts: Type.Array(Type.Object({ ...endpoint, device: text })),
  moreHosts: Type.Optional(number),
}

const CompanyFamily = describes<api.CompanyFamily>()(
  Type.Object({ ...companyTraffic, brands: Type.Array(CompanyRow), rented: Type.Array(CompanyRow) }),
)

export const CompanyPage = describes<api.CompanyPage>()(
  Type.Object({ ...companyTraffic, home: textOrNull, about: textOrNull, family: Type.Optional(CompanyFamily) }),
)

export const Period = oneOf(['day', 'week', 'month'])

export const Totals = describes<api.Totals>()(
  Type.Object({
    period: Period,
    bounds: numbers,
    devices: Type.Array(Type.Object({ id: text, sent: numbers, received: numbers })),
    more: Type.Optional(Type.Object({ count: number, sent: numbers, received: numbers })),
  }),
)

export const SearchHits = describes<api.SearchHit[]>()(
  Type.Array(Type.Object({ kind: oneOf(['device', 'company', 'host']), id: text, title: text, detail: text })),
)
