// The command "score-bursts": how well the shipped event rules recognise voice requests in labelled bursts.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { attributeAddress } from '../attribution/networks.ts'
import { parseAddress } from '../../capture/ip-address.ts'
import { identify } from '../identity/identify.ts'
import { compiledRulesFolder } from '../rules/folder.ts'
import { openRules, type Rules } from '../rulebook/open.ts'
import type { Kind } from '../rules/types.ts'
import { SPEECH_BYTES_PER_SECOND } from '../events/bursts.ts'
import type { EventKind } from '../events/event.ts'
import { evenlyEarly } from '../events/example.ts'
import { judge, type Scene } from '../events/judge.ts'
import { toEvidence } from '../rulebook/example-check.ts'

/** Activities of the data set in which a person talks to the device; a voice request in any other is a false one. */
export const SPOKEN_STATES: readonly string[] = ['local_voice', 'local_volume']

/** One labelled burst of BehavIoT's feature files (Hu et al., IMC 2023). */
export interface LabelledBurst {
  device: string
  state: string
  /** Time of the activity; bursts of one activity share it. */
  event: string
  host: string
  start: number
  sent: number
  received: number
  seconds: number
}

export interface DeviceScore {
  device: string
  kind: string
  found: number
  positives: number
  /** Voice requests in other activities. */
  falseBursts: LabelledBurst[]
  /** How many activities of each state had which events. */
  byState: Map<string, { activities: number; kinds: Map<EventKind, number> }>
}

const COLUMNS = [
  'meanTBP',
  'network_total',
  'network_in',
  'network_out',
  'network_in_local',
  'network_out_local',
  'meanBytes_out_external',
  'meanBytes_in_external',
  'device',
  'state',
  'event',
  'start_time',
  'hosts',
]

/** Prints a line per device, its states, and the total; exit status 2 where a file cannot be read. */
export async function scoreBurstsCommand(
  args: readonly string[],
  print: (line: string) => void = console.log,
  given?: Rules,
): Promise<number> {
  if (args.length === 0) {
    console.error('telltale: name one file or more: telltale score-bursts FILE.csv…')
    return 2
  }
  const bursts: LabelledBurst[] = []
  for (const file of args) {
    try {
      // One after the other: spreading a long list into push() would overflow the stack.
      for (const burst of readBursts(readFileSync(resolve(process.env['INIT_CWD'] ?? '.', file), 'utf8')))
        bursts.push(burst)
    } catch (error) {
      console.error(
        `telltale: ${file}: ${error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : (error as Error).message}`,
      )
      return 2
    }
  }
  const scores = scoreBursts(bursts, given ?? openRules(compiledRulesFolder()))
  for (const score of scores) printDevice(score, print)
  const sum = (of: (score: DeviceScore) => number): number => scores.reduce((total, score) => total + of(score), 0)
  print(
    `total ${totals(
      sum(({ found }) => found),
      sum(({ positives }) => positives),
      sum(({ falseBursts }) => falseEvents(falseBursts)),
    )}`,
  )
  return 0
}

function printDevice(
  { device, kind, found, positives, falseBursts, byState }: DeviceScore,
  print: (line: string) => void,
): void {
  print(`${shown(device)} (${kind}): ${totals(found, positives, falseEvents(falseBursts))}`)
  for (const [state, { activities, kinds }] of [...byState].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const parts = [...kinds].sort(([, one], [, other]) => other - one).map(([name, count]) => `${name} in ${count}`)
    print(`  ${shown(state)}: ${activities} activities${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`)
  }
  for (const { state, host, sent } of falseBursts.slice(0, SHOWN_FALSE))
    print(`  false: ${shown(state)}, ${shown(host)}, ${Math.round(sent)} bytes up`)
}

const SHOWN_FALSE = 10

/** "recall 0.973 precision 1.000 found 142 of 146 false 0" */
function totals(found: number, positives: number, wrong: number): string {
  const share = (part: number, whole: number): string => (whole === 0 ? '-' : (part / whole).toFixed(3))
  return `recall ${share(found, positives)} precision ${share(found, found + wrong)} found ${found} of ${positives} false ${wrong}`
}

/** Activities with a false voice request; like what is found, they count once each. */
function falseEvents(bursts: readonly LabelledBurst[]): number {
  return new Set(bursts.map(({ state, event }) => `${state} ${event}`)).size
}

/** Throws an Error whose message names the line or column that is missing. */
export function readBursts(text: string): LabelledBurst[] {
  const [heading = '', ...lines] = text.split(/\r?\n/)
  const columns = heading.split(',')
  const missing = COLUMNS.filter((name) => !columns.includes(name))
  if (missing.length > 0)
    throw new Error(`the first line lacks ${missing.join(', ')}: this is no table of BehavIoT's features`)
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const fields = line.split(',')
    const textOf = (name: string): string => fields[columns.indexOf(name)] ?? ''
    const numberOf = (name: string): number => {
      const value = Number(textOf(name))
      if (textOf(name) === '' || !Number.isFinite(value))
        throw new Error(`line ${index + 2}: ${name} "${textOf(name).slice(0, 40)}" is not a number`)
      return value
    }
    return [
      {
        device: textOf('device'),
        state: textOf('state'),
        event: textOf('event'),
        host: textOf('hosts'),
        start: numberOf('start_time'),
        sent: numberOf('meanBytes_out_external') * (numberOf('network_out') - numberOf('network_out_local')),
        received: numberOf('meanBytes_in_external') * (numberOf('network_in') - numberOf('network_in_local')),
        seconds: numberOf('meanTBP') * Math.max(0, numberOf('network_total') - 1),
      },
    ]
  })
}

export function scoreBursts(bursts: readonly LabelledBurst[], rules: Rules): DeviceScore[] {
  return [...grouped(bursts)].map(([device, own]) => scoreDevice(device, own, rules))
}

function grouped(bursts: readonly LabelledBurst[]): Map<string, LabelledBurst[]> {
  const groups = new Map<string, LabelledBurst[]>()
  for (const burst of bursts) {
    const group = groups.get(burst.device)
    if (group === undefined) groups.set(burst.device, [burst])
    else group.push(burst)
  }
  return groups
}

function scoreDevice(device: string, bursts: readonly LabelledBurst[], rules: Rules): DeviceScore {
  const kind = kindOf(device, bursts, rules)
  const score: DeviceScore = { device, kind, found: 0, positives: 0, falseBursts: [], byState: new Map() }
  const before: { kind: EventKind; at: number }[] = []
  const kindsByActivity = new Map<string, Set<EventKind>>()
  const isSpoken = new Map<string, boolean>()
  for (const burst of [...bursts].sort((one, other) => one.start - other.start)) {
    const key = `${burst.state} ${burst.event}`
    isSpoken.set(key, SPOKEN_STATES.includes(burst.state))
    const state = score.byState.get(burst.state) ?? { activities: 0, kinds: new Map<EventKind, number>() }
    score.byState.set(burst.state, state)
    const kinds = kindsByActivity.get(key) ?? new Set()
    if (!kindsByActivity.has(key)) state.activities++
    kindsByActivity.set(key, kinds)
    const verdict = judge(sceneOfRow(burst, kind, rules, before.slice(-8)), rules.events)
    if (verdict === null) continue
    before.push({ kind: verdict.kind, at: Math.floor(burst.start) })
    if (!kinds.has(verdict.kind)) state.kinds.set(verdict.kind, (state.kinds.get(verdict.kind) ?? 0) + 1)
    kinds.add(verdict.kind)
    if (verdict.kind === 'voice-request' && isSpoken.get(key) === false) score.falseBursts.push(burst)
  }
  for (const [key, kinds] of kindsByActivity) {
    if (isSpoken.get(key) !== true) continue
    score.positives++
    if (kinds.has('voice-request')) score.found++
  }
  return score
}

/** A row as the cutter would have cut it, had it seen the packets: how the bytes lie within it is not in the table. */
function sceneOfRow(
  { host, sent, received, seconds, start }: LabelledBurst,
  device: string,
  rules: Rules,
  before: Scene['before'],
): Scene {
  const first = Math.floor(start)
  const last = Math.floor(start + seconds)
  const pace = sent / Math.max(1, seconds)
  return {
    device,
    before,
    endpoint: endpointOf(host, rules),
    burst: {
      device: 0,
      endpoint: 1,
      first,
      last,
      sent,
      received,
      peak: pace,
      steady: pace >= SPEECH_BYTES_PER_SECOND ? Math.max(1, Math.round(seconds)) : 0,
      early: evenlyEarly(sent, received),
    },
  }
}

/** The column holds names (`a;b` are aliases of one endpoint), or an address where no name was seen. */
function endpointOf(hosts: string, rules: Rules): Scene['endpoint'] {
  const names = hosts.split(';').filter((name) => name !== '')
  const address = names.find((name) => parseAddress(name) !== null)
  if (address !== undefined && names.length === 1) {
    const { networkCompany, cloud } = attributeAddress(address, rules.networks, rules.companies)
    const purpose =
      networkCompany === null
        ? 'unknown'
        : cloud
          ? 'cloud'
          : (rules.companies.onlyPurposeOf(networkCompany) ?? 'unknown')
    return { host: null, company: networkCompany, purpose, labels: [], namedBy: 'network' }
  }
  const answers = names.map((host) => ({ host, ...rules.companies.lookUp(host) }))
  // Of several names of one endpoint the most specific: a delivery network's does not name its customer.
  const best =
    answers.find(({ company, purpose }) => company !== null && purpose !== 'cloud' && purpose !== 'cdn') ??
    answers.find(({ company }) => company !== null) ??
    answers[0]
  return {
    host: best?.host ?? null,
    company: best?.company ?? null,
    purpose: best?.purpose ?? 'unknown',
    labels: [],
    namedBy: best === undefined ? 'none' : 'tls',
  }
}

/** What the device is, by the rules of devices: from the hosts it talks to and from what the data set calls it. */
function kindOf(device: string, bursts: readonly LabelledBurst[], rules: Rules): string {
  const hosts = [...new Set(bursts.flatMap(({ host }) => host.split(';')))].filter(
    (host) => host !== '' && parseAddress(host) === null,
  )
  const companies = [
    ...new Set(hosts.map((host) => rules.companies.lookUp(host).company).filter((company) => company !== null)),
  ]
  const { kind } = identify({ ...toEvidence({ dhcpHostname: [device] }), hosts, companies }, rules.devices)
  if (kind !== 'unknown') return kind
  return NAME_WORDS.find(([word]) => word.test(device))?.[1] ?? 'unknown'
}

/** Where the rules do not know the device, what it is called says what it is. */
const NAME_WORDS: readonly [RegExp, Kind][] = [
  [/doorbell/i, 'doorbell'],
  [/cam/i, 'camera'],
  [/echo-?(show|spot)|display|nest-?hub/i, 'display'],
  [/echo|home-?mini|nest-?mini|google-?home|homepod|speaker/i, 'speaker'],
  [/tv/i, 'tv'],
  [/plug/i, 'plug'],
  [/bulb|light|led/i, 'bulb'],
]

function shown(text: string): string {
  return text.replace(/[\p{C}\p{Z}]/gu, '?').slice(0, 80)
}
