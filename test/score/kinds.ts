// Prints how many devices of labelled captures are given their right maker and kind, per device and in all.
// npx tsx test/score/kinds.ts [--no-names] FOLDER…
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { readCaptureFile } from '../../capture/sources/file.ts'
import { Engine } from '../../server/engine/engine.ts'
import { NO_MAC } from '../../server/engine/ownership.ts'
import type { DeviceEvidence } from '../../server/identity/device-evidence.ts'
import { identify, type Identity } from '../../server/identity/identify.ts'
import { describeEndpoints, rowsByBinding, saidBy } from '../../server/resolve/describe-devices.ts'
import { type DeviceBindings, groupBindings } from '../../server/resolve/devices.ts'
import { openRules, type Rules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { BEHAVIOT, type DeviceLabel, LABELS } from './kind-labels.ts'

export interface Sighting {
  device: string
  makerIsRight: boolean
  kindIsRight: boolean
  /** A kind was said, and it is another. */
  kindIsWrong: boolean
  /** The right kind is the one said or among the guesses. */
  isGuessed: boolean
  said: string
}

export interface KindsOptions {
  /** Hosts, companies and browsers' names are left out: most homes are first seen long after names passed. */
  withoutNames: boolean
  labels?: readonly DeviceLabel[]
}

const CAPTURE = /\.(pcap|pcapng|cap)$/

/** Each labelled device of each capture below the folder is one sighting. */
export async function sightingsOf(folder: string, rules: Rules, options: KindsOptions): Promise<Sighting[]> {
  const sightings: Sighting[] = []
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name)
    const labels = (options.labels ?? LABELS).filter((label) => CAPTURE.test(path) && label.path.test(path))
    if (labels.length > 0) sightings.push(...(await sightingsOfCapture(path, labels, rules, options)))
  }
  const behaviot = [folder, join(folder, 'behaviot')].find((place) => existsSync(join(place, 'hosts.tsv')))
  if (behaviot !== undefined && !options.withoutNames) sightings.push(...sightingsOfBehaviot(behaviot, rules))
  return sightings
}

async function sightingsOfCapture(
  path: string,
  labels: readonly DeviceLabel[],
  rules: Rules,
  { withoutNames }: KindsOptions,
): Promise<Sighting[]> {
  const engine = new Engine()
  const reader = new CaptureReader((frame) => engine.packet(frame))
  await readCaptureFile(path, reader)
  engine.finish()
  const rows = rowsByBinding(engine)
  const all = groupBindings(engine).map((device) => ({
    evidence: evidenceOf(engine, device, rows, rules, withoutNames),
    moved: bytesOf(engine, device),
  }))
  const registeredOf = ({ mac }: DeviceEvidence): string => (mac && rules.devices.macMakers.lookUp(mac)) ?? ''
  return labels.flatMap((label) => {
    const { macMaker } = label
    const fitting =
      macMaker === undefined
        ? all.toSorted((one, other) => other.moved - one.moved).slice(0, 1)
        : all.filter(({ evidence, moved }) => moved > 0 && macMaker.test(registeredOf(evidence)))
    return fitting.map(({ evidence }) => judge(label, identify(evidence, rules.devices)))
  })
}

function evidenceOf(
  engine: Engine,
  device: DeviceBindings,
  rowsOf: Map<number, number[]>,
  rules: Rules,
  withoutNames: boolean,
): DeviceEvidence {
  const rows = device.bindings.flatMap((binding) => rowsOf.get(binding) ?? [])
  const hosts = describeEndpoints(engine, rows).flatMap(({ host }) => (host === null ? [] : [host]))
  const companies = hosts.map((host) => rules.companies.lookUp(host).company).filter((slug) => slug !== null)
  const evidence = saidBy(engine, device, device.mac === NO_MAC ? null : engine.ownership.macText(device.mac))
  return withoutNames
    ? { ...evidence, userAgents: [], hosts: [], companies: [] }
    : { ...evidence, hosts: [...new Set(hosts)], companies: [...new Set(companies)] }
}

function bytesOf({ rows }: Engine, { bindings }: DeviceBindings): number {
  return bindings.reduce(
    (sum, binding) => sum + [0, 1, 2, 3].reduce((own, field) => own + rows.bindingNumber(binding, field), 0),
    0,
  )
}

function judge(
  { device, makers, kinds }: Pick<DeviceLabel, 'device' | 'makers' | 'kinds'>,
  identity: Identity,
): Sighting {
  const vendor = identity.vendor?.toLowerCase() ?? ''
  const { kind } = identity
  const isRight = kinds.includes(kind)
  return {
    device,
    makerIsRight: makers.some((maker) => vendor.includes(maker)),
    kindIsRight: isRight,
    kindIsWrong: kind !== 'unknown' && !isRight,
    isGuessed: isRight || identity.guesses.some((guess) => kinds.includes(guess.kind)),
    said: `${identity.vendor ?? 'nobody'}, ${kind}`,
  }
}

/** What is known of BehavIoT's devices are the hosts they contacted, and what they ask again and again. */
function sightingsOfBehaviot(folder: string, rules: Rules): Sighting[] {
  const hostsOf = new Map<string, Set<string>>()
  const add = (device: string, host: string): void => {
    if (!/^[a-z0-9*-]+(\.[a-z0-9-]+)+$/i.test(host) || /(^|\.)neu\.edu$|^\d/.test(host)) return
    hostsOf.set(device, (hostsOf.get(device) ?? new Set()).add(host.replace(/^\*\./, '')))
  }
  for (const line of readFileSync(join(folder, 'hosts.tsv'), 'utf8').split('\n').slice(1)) {
    const [hosts = '', devices = ''] = line.split('\t')
    for (const device of devices.split(',').filter((name) => name !== ''))
      for (const host of hosts.split(';')) add(device, host)
  }
  const periods = join(folder, 'fingerprints')
  for (const file of existsSync(periods) ? readdirSync(periods) : [])
    for (const line of readFileSync(join(periods, file), 'utf8').split('\n'))
      add(file.replace(/\.txt$/, ''), line.split(' ')[1] ?? '')
  return [...hostsOf].flatMap(([device, hosts]) => {
    const label = BEHAVIOT.find(([name]) => name.test(device))
    if (label === undefined) return []
    const [, makers, kinds] = label
    return [
      judge(
        { device: `behaviot ${device}`, makers, kinds },
        identify(evidenceOfHosts([...hosts], rules), rules.devices),
      ),
    ]
  })
}

function evidenceOfHosts(hosts: string[], rules: Rules): DeviceEvidence {
  const companies = hosts.map((host) => rules.companies.lookUp(host).company).filter((slug) => slug !== null)
  return {
    mac: null,
    dhcpHostnames: [],
    dhcpVendorClasses: [],
    dhcpParameterLists: [],
    mdnsServices: [],
    mdnsNames: [],
    mdnsTxt: [],
    ssdpServers: [],
    ssdpTypes: [],
    userAgents: [],
    companies: [...new Set(companies)],
    hosts,
  }
}

const percent = (count: number, all: number): string => (all === 0 ? '-' : `${((count / all) * 100).toFixed(1)} %`)
const share = (
  sightings: readonly Sighting[],
  key: 'makerIsRight' | 'kindIsRight' | 'kindIsWrong' | 'isGuessed',
): string => percent(sightings.filter((sighting) => sighting[key]).length, sightings.length)

/** The table per device, and the last line. */
export function tableOf(sightings: readonly Sighting[]): string[] {
  const byDevice = new Map<string, Sighting[]>()
  for (const sighting of sightings) byDevice.set(sighting.device, [...(byDevice.get(sighting.device) ?? []), sighting])
  const lines = [...byDevice].map(([device, own]) =>
    [
      device,
      own.length,
      share(own, 'makerIsRight'),
      share(own, 'kindIsRight'),
      share(own, 'kindIsWrong'),
      share(own, 'isGuessed'),
      [...new Set(own.map(({ said }) => said))].join('; '),
    ].join('\t'),
  )
  return [
    ['device', 'sightings', 'maker', 'kind', 'wrong', 'kind or guess', 'said'].join('\t'),
    ...lines,
    `${byDevice.size} devices, ${sightings.length} sightings; right kind said or guessed ${share(sightings, 'isGuessed')}`,
    `total maker ${share(sightings, 'makerIsRight')} kind ${share(sightings, 'kindIsRight')} wrong ${share(sightings, 'kindIsWrong')}`,
  ]
}

if (process.argv[1] === import.meta.filename) {
  const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
  const folders = given.length > 0 ? given : [realDataFolder()].filter((folder) => folder !== null)
  if (folders.length === 0) console.log(NO_REAL_DATA)
  else {
    const rules = openRules(compiledRulesFolder())
    const sightings: Sighting[] = []
    for (const folder of folders)
      sightings.push(...(await sightingsOf(folder, rules, { withoutNames: process.argv.includes('--no-names') })))
    for (const line of tableOf(sightings)) console.log(line)
  }
}
