// Problems of examples: each is recognised by all rules together, and its own line must win.
import { DeviceKnowledge, type DeviceLine, type Signs } from '../identity/knowledge.ts'
import { namesMaker, noMacMakers } from '../identity/mac-makers.ts'
import { compileDevices } from './compile.ts'
import { type CompanyRule, type DeviceExample, type MakerRule, type MatchKey, PATTERN_KEYS } from '../rules/types.ts'
import {
  DRAW,
  ENOUGH,
  GENERIC_FACTOR,
  HINT_WEIGHT,
  recognise,
  type ScoredLine,
  WEIGHTS,
} from '../identity/recognise.ts'
import type { Problem } from './problem.ts'
import { matchProblems } from './match-check.ts'
import { matchesPattern, LONGEST_MATCHED_TEXT } from '../rules/patterns.ts'
import type { DeviceEvidence } from '../identity/device-evidence.ts'

/**
 * Each example is matched against all rules: its own line must win clearly, and no line of another maker may be
 * recognised with it (an operating system may, as long as it says less). */
export function exampleProblems(makers: Map<string, MakerRule>, companies: Map<string, CompanyRule>): Problem[] {
  const usable = new Map(
    [...makers].filter(([, { devices }]) =>
      devices.every(({ match, hints }) => matchProblems(match).length + matchProblems(hints ?? {}).length === 0),
    ),
  )
  const knowledge = new DeviceKnowledge(compileDevices({ makers: usable, companies, chipMakers: [] }), noMacMakers())
  const problems: Problem[] = []
  const reported = new Set<string>()
  for (const { file, field, example, own } of allExamples(usable, knowledge)) {
    const scored = recognise(toEvidence(example), valuesOf(example, 'macMaker')[0] ?? null, knowledge)
    const mine = scored.find(({ line }) => line === own)
    if (mine === undefined) problems.push({ file, field, message: unrecognised(example, own, scored) })
    for (const other of mine === undefined ? [] : rivalsOf(mine, scored)) {
      // Each of the two lines may have several examples that the other matches: that is one thing to mend.
      const pair = [own, other]
        .map((line) => knowledge.lines.indexOf(line))
        .sort()
        .join(' ')
      if (!reported.has(pair)) problems.push({ file, field, message: clash(example, own, other) })
      reported.add(pair)
    }
  }
  return problems
}

/** Every example with its place and the line that it is of; the compiled lines are in the order of the files. */
function allExamples(
  makers: Map<string, MakerRule>,
  { lines }: DeviceKnowledge,
): { file: string; field: string; example: DeviceExample; own: DeviceLine }[] {
  const places = [...makers].flatMap(([slug, { devices }]) =>
    devices.map(({ examples }, index) => ({ file: `rules/devices/${slug}.yaml`, index, examples })),
  )
  return places.flatMap(({ file, index, examples }, at) =>
    examples.map((example, number) => ({
      file,
      field: `devices[${index}].examples[${number}]`,
      example,
      own: lines[at],
    })),
  )
}

/** A line that this one narrows says the same with less detail: no rival. */
function rivalsOf({ line: own, total: reached }: ScoredLine, scored: readonly ScoredLine[]): DeviceLine[] {
  const rivals = scored.filter(
    ({ line, total }) =>
      line !== own &&
      line !== own.narrows &&
      (total > reached - DRAW || (line.maker !== own.maker && !line.maker.generic)),
  )
  return rivals.map(({ line }) => line)
}

function unrecognised(example: DeviceExample, own: DeviceLine, [other]: readonly ScoredLine[]): string {
  const reached = reach(example, own)
  const advice = reached > 0 ? 'add another field to the example, or mend the match' : 'mend the match or the example'
  const instead = other === undefined ? '' : `; it is recognised as ${placed(other.line)}`
  return `${shown(example)}: "${own.name}" does not recognise its own example (it reaches ${reached.toFixed(2)}, ${ENOUGH} is needed): ${advice}${instead}`
}

function clash(example: DeviceExample, own: DeviceLine, other: DeviceLine): string {
  return `${shown(example)}: is recognised both as ${placed(own)} and as ${placed(other)}: ${clashAdvice(own, other)}`
}

function clashAdvice(own: DeviceLine, other: DeviceLine): string {
  if (own.maker !== other.maker) return 'make the match of the one you just added narrower'
  if (other.narrows === own)
    return `"${other.name}" narrows "${own.name}": move the example there, or make its match narrower`
  return 'make one of the two narrower; where one is a special case of the other, give it narrows: with the name of the other'
}

function placed({ name, ruleFile }: DeviceLine): string {
  return `"${name}" of ${ruleFile}`
}

function shown(example: DeviceExample): string {
  return Object.entries(example)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ')
    .slice(0, 120)
}

/**
 * How far an example comes that is not enough for its line, 0 to 1. Whatever else could support it would have been
 * enough.
 */
function reach(example: DeviceExample, { match, hints, maker }: DeviceLine): number {
  const own = fitting(example, match).map((key) => WEIGHTS[key])
  if (own.length === 0) return 0
  const weights = [...own, ...fitting(example, hints).map(() => HINT_WEIGHT)]
  return (1 - weights.reduce((wrong, weight) => wrong * (1 - weight), 1)) * (maker.generic ? GENERIC_FACTOR : 1)
}

/** Fields of the example that fit, but for hosts: one is always enough. */
function fitting(example: DeviceExample, { patterns, exact }: Signs): MatchKey[] {
  const fits: Partial<Record<MatchKey, (text: string) => boolean>> = {
    dhcpParameterList: (text) => exact.dhcpParameterList.includes(text),
    mdnsService: (text) => exact.mdnsService.includes(text.toLowerCase()),
    port: (text) => exact.port.includes(text),
    macMaker: (text) => exact.macMaker.some((part) => namesMaker(text.toLowerCase(), part)),
  }
  for (const key of PATTERN_KEYS)
    fits[key] = (text) => (patterns[key] ?? []).some((pattern) => matchesPattern(pattern, text, text.toLowerCase()))
  return (Object.keys(example) as MatchKey[]).filter((key) =>
    valuesOf(example, key).some((text) => fits[key]?.(text.slice(0, LONGEST_MATCHED_TEXT))),
  )
}

/** Evidence as a capture would give it. */
export function toEvidence(example: DeviceExample): DeviceEvidence {
  return {
    mac: null,
    dhcpHostnames: valuesOf(example, 'dhcpHostname'),
    dhcpVendorClasses: valuesOf(example, 'dhcpVendorClass'),
    dhcpParameterLists: valuesOf(example, 'dhcpParameterList'),
    mdnsServices: valuesOf(example, 'mdnsService'),
    mdnsNames: valuesOf(example, 'mdnsName'),
    mdnsTxt: valuesOf(example, 'mdnsTxt'),
    ssdpServers: valuesOf(example, 'ssdpServer'),
    ssdpTypes: valuesOf(example, 'ssdpType'),
    userAgents: valuesOf(example, 'userAgent'),
    mqttClientIds: valuesOf(example, 'mqttClientId'),
    stunSoftware: valuesOf(example, 'stunSoftware'),
    rtspServers: valuesOf(example, 'rtspServer'),
    sshBanners: valuesOf(example, 'sshBanner'),
    ports: valuesOf(example, 'port'),
    hosts: valuesOf(example, 'host'),
    companies: [],
  }
}

function valuesOf(example: DeviceExample, key: MatchKey): string[] {
  const value = example[key]
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}
