// The kinds of live sources. A new one is a file in this folder and its two lines here; see README.md.
import { source as socket } from './capture-socket.ts'
import { COUNTS, type Counts, type SecretField, type SourceSecret } from './definition.ts'
import type { NamedSource, PacketSourceDefinition, RecordSourceDefinition, SourceSetting } from './definition.ts'
import { source as conntrack } from './conntrack.ts'
import { source as folder } from './folder.ts'
import { source as fritzbox } from './fritzbox.ts'
import { source as netflow } from './netflow.ts'
import { source as dnsLog } from './recorded-logs.ts'
import { source as sensor } from './sensor.ts'
import { source as ssh } from './ssh.ts'
import { source as stdin } from './stdin.ts'
import { source as networkInterface } from './tcpdump.ts'
import { source as tzsp } from './tzsp.ts'

/** In the order of Settings. */
const ALL = [networkInterface, ssh, sensor, conntrack, fritzbox, tzsp, folder, socket, netflow, dnsLog, stdin] as const
type Definition = (typeof ALL)[number]

export type SourceKind = Definition['kind']
/** Names of the lists under Settings › Sources. */
export type SourceField = NonNullable<Definition['setting']>['field']

/** The lists' lines; a list that is not there has none. */
export type SourceLists = Partial<Record<SourceField, string[]>>

/** A source that somebody chose; `isOff`: named, and not used now. */
export type LiveSourcePlan = { isOff?: boolean } & PlanOf<Definition>
/** One that delivers packets, and one that delivers records. */
export type PacketPlan = LiveSourcePlan & PlanOf<Extract<Definition, { delivers: 'packets' }>>
export type RecordPlan = LiveSourcePlan & PlanOf<Extract<Definition, { delivers: 'records' }>>
type PlanOf<Any> = Any extends { kind: infer Kind; parseArgument(text: string): infer Named | null }
  ? { kind: Kind } & NonNullable<Named>
  : never

type AnyPackets = PacketSourceDefinition<SourceKind, object, SourceField>
type AnyRecords = RecordSourceDefinition<SourceKind, object, SourceField>
export const SOURCES: readonly (AnyPackets | AnyRecords)[] = ALL

export const SOURCE_KINDS: readonly SourceKind[] = ALL.map(({ kind }) => kind)
export const SOURCE_SETTINGS: readonly (SourceSetting<SourceField> & { fits: (line: string) => boolean })[] =
  SOURCES.flatMap(({ setting, parseLine }) =>
    setting === null ? [] : [{ ...setting, fits: (line: string) => parseLine(line) !== null }],
  )

export const SOURCE_SECRETS: readonly SourceSecret[] = SOURCES.flatMap((one) =>
  one.delivers === 'packets' ? (one.secret ?? []) : [],
)

/** Secrets that are set, by the names of their fields. */
export type SourceSecrets = Partial<Record<SecretField, string>>

/** The secret that a source needs; empty where it needs none, or none is set. */
export function secretFor(plan: PacketPlan, secrets: SourceSecrets): string {
  const { secret } = packetDefinition(plan)
  return secret === undefined ? '' : (secrets[secret.field] ?? '')
}

export function packetDefinition({ kind }: PacketPlan): AnyPackets {
  return SOURCES.find((one) => one.kind === kind) as AnyPackets
}

export function recordDefinition({ kind }: RecordPlan): AnyRecords {
  return SOURCES.find((one) => one.kind === kind) as AnyRecords
}

export function deliversPackets(plan: LiveSourcePlan): plan is PacketPlan {
  return SOURCES.find(({ kind }) => kind === plan.kind)?.delivers === 'packets'
}

export function deliversRecords(plan: LiveSourcePlan): plan is RecordPlan {
  return !deliversPackets(plan)
}

/** What tells the bytes of the source, where it tells of any. */
export function countsOf(plan: LiveSourcePlan): Counts {
  return deliversPackets(plan) ? (packetDefinition(plan).counts ?? 'packets') : (recordDefinition(plan).counts ?? 'log')
}

/** Of sources that run together, what counts: see COUNTS. Null where there is none. */
export function countingOf(plans: readonly LiveSourcePlan[]): Counts | null {
  const told = new Set(plans.map(countsOf))
  return COUNTS.find((one) => told.has(one)) ?? null
}

/** Why a source's bytes are not counted, where another one's are; `counting` is what counts. */
export function uncountedSentence(counting: Counts): string {
  const who = {
    packets: 'the packets of another source count them',
    connections: "the gateway's connections (conntrack) count them",
    'flow records': 'flow records of another source count them',
    log: 'a log counts them',
  }
  return `Its bytes are not counted: ${who[counting]}. It gives names and devices.`
}

/** The kind that is shown to people. */
export function shownKind({ kind }: LiveSourcePlan): SourceKind {
  return (SOURCES.find((one) => one.kind === kind)?.shownAs ?? kind) as SourceKind
}

/** Those that the lists of Settings name, in the order of the form. */
export function plansOfSettings(lists: Readonly<SourceLists>): LiveSourcePlan[] {
  return SOURCES.flatMap((one) =>
    one.setting === null
      ? []
      : (lists[one.setting.field] ?? []).flatMap((line) => withKind(one.kind, one.parseLine(line)) ?? []),
  )
}

/** Throws a sentence for the person where the text names no source. */
export function planOfArgument(text: string): LiveSourcePlan {
  for (const one of argumentOrder(text)) {
    const plan = withKind(one.kind, one.parseArgument(text))
    if (plan !== null) return plan
  }
  throw new Error(`--source ${text} names no source. ${commandLineWords()}`)
}

/** "tzsp:37008" and "conntrack" could be interfaces' names, too: the kind that stands in front is meant. */
function argumentOrder(text: string): typeof SOURCES {
  const named = SOURCES.filter(({ kind }) => text === kind || text.startsWith(`${kind}:`))
  return [...named, ...SOURCES.filter((one) => !named.includes(one))]
}

function withKind(kind: SourceKind, named: NamedSource<object> | null): LiveSourcePlan | null {
  return named === null ? null : ({ ...named, kind } as LiveSourcePlan)
}

function commandLineWords(): string {
  const forms = SOURCES.map(({ argument }) => argument)
  return `Write --source as ${forms.slice(0, -1).join(', ')}, or ${forms.at(-1)}`
}
