// Question: who besides the maker gets a device's traffic?
import type { Device, Evidence } from '../api.ts'
import { makersOwn } from '../queries/makers-own.ts'
import type { Movement } from '../queries/traffic-view.ts'
import { amount, percent } from '../text/en/questions/common.ts'
import {
  companyLimits,
  lookupsLimit,
  needsDevice,
  OTHERS,
  othersLimits,
  othersSentence,
} from '../text/en/questions/company.ts'
import type { Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'

/** What works for whoever asks: no party of its own. */
const HELPING = new Set(['cloud', 'cdn', 'dns', 'time', 'connectivity', 'update', 'security'])
/** Things of which a maker is expected to be the one that gets traffic; phones and computers run anybody's programs. */
const PERSONAL = new Set(['phone', 'tablet', 'computer', 'router', 'storage', 'unknown'])
const MOST_DEVICES = 100

type Party = 'maker' | 'helpers' | 'others'

export const question: Question = {
  id: 'others',
  ...OTHERS,
  sources: [
    'https://www.ftc.gov/news-events/news/press-releases/2017/02/vizio-pay-22-million-ftc-state-new-jersey-settle-charges-it-collected-viewing-histories-11-million',
  ],
  async subject(facts) {
    const devices = await devicesToAsk(facts)
    return {
      devices: devices.map(({ id }) => id),
      companies: [],
      needs: devices.length === 0 ? needsDevice : null,
      weight: 0.6,
    }
  },
  answer,
}

/** Things of a known maker that sent something, the one with the most to others first. */
async function devicesToAsk(facts: Facts): Promise<Device[]> {
  const moved = await facts.moved()
  const things = facts.view
    .devices()
    .filter(({ id, kind, vendor }) =>
      facts.asked.devices.length > 0 ? facts.asked.devices.includes(id) : vendor !== null && !PERSONAL.has(kind),
    )
  return things
    .map((device) => ({ device, sums: partiesOf(facts, device, moved) }))
    .filter(({ sums }) => sums.maker + sums.helpers + sums.others > 0)
    .sort((one, other) => other.sums.others - one.sums.others)
    .slice(0, MOST_DEVICES)
    .map(({ device }) => device)
}

async function answer(facts: Facts): Promise<Draft> {
  const [device] = await devicesToAsk(facts)
  const moved = (await facts.moved()).filter((one) => one.device === device.id && one.endpoint !== null)
  const sums = partiesOf(facts, device, moved)
  const whole = sums.maker + sums.helpers + sums.others
  const others = othersOf(facts, device, moved)
  return {
    verdict: 'number',
    devices: [device.id],
    sentence: othersSentence({
      device: facts.nameOf(device.id),
      maker: device.vendor,
      makerShare: percent(sums.maker, whole),
      helpersShare: percent(sums.helpers, whole),
      othersShare: percent(sums.others, whole),
      others,
    }),
    figures: (['maker', 'helpers', 'others'] as const).map((name) => ({
      name,
      value: sums[name],
      unit: facts.source.lookupsOnly ? 'lookups' : 'bytes',
    })),
    limits: [...othersLimits, ...(facts.source.lookupsOnly ? [lookupsLimit] : companyLimits)],
    evidence: moved.flatMap((movement) => evidenceOf(facts, device, movement)),
  }
}

function amountOf(facts: Facts, { sent, received, lookups }: Movement): number {
  return facts.source.lookupsOnly ? lookups : sent + received
}

function partyOf(facts: Facts, { vendor }: Device, { endpoint }: Movement): Party {
  const company = endpoint?.company ?? null
  if (makersOwn(facts.view, vendor, company) === 'yes') return 'maker'
  if (facts.isCloud(company) || HELPING.has(endpoint?.purpose ?? '')) return 'helpers'
  return 'others'
}

function partiesOf(facts: Facts, device: Device, moved: readonly Movement[]): Record<Party, number> {
  const sums = { maker: 0, helpers: 0, others: 0 }
  for (const movement of moved)
    if (movement.device === device.id && movement.endpoint !== null)
      sums[partyOf(facts, device, movement)] += amountOf(facts, movement)
  return sums
}

/** Names of the others, those that got most first; whom nobody knows is one of them. */
function othersOf(facts: Facts, device: Device, moved: readonly Movement[]): string[] {
  const amounts = new Map<string, number>()
  for (const movement of moved) {
    if (partyOf(facts, device, movement) !== 'others') continue
    const name = facts.companyName(movement.endpoint?.company ?? null)
    amounts.set(name, (amounts.get(name) ?? 0) + amountOf(facts, movement))
  }
  return [...amounts].sort((one, other) => other[1] - one[1]).map(([name]) => name)
}

function evidenceOf(facts: Facts, device: Device, movement: Movement): Evidence[] {
  const value = amountOf(facts, movement)
  if (value === 0) return []
  const far = movement.endpoint?.host ?? movement.endpoint?.addresses[0] ?? ''
  const name = facts.companyName(movement.endpoint?.company ?? null)
  const { lookupsOnly } = facts.source
  return [
    {
      kind: lookupsOnly ? 'look-up' : 'endpoint',
      ref: far,
      device: device.id,
      at: null,
      words: `${far === '' ? name : `${far} (${name})`}: ${lookupsOnly ? `${value} look-ups` : amount(value)}`,
      value,
      of: partyOf(facts, device, movement),
    },
  ]
}
