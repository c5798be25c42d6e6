// Problems of patterns, suffixes and values in the "match" and "hints" of a device.
import { getPublicSuffix } from 'tldts'
import { patternProblem } from '../rules/patterns.ts'
import { suffixProblem } from '../rules/suffix-table.ts'
import { type DeviceMatch, PATTERN_KEYS } from '../rules/types.ts'

export function matchProblems(match: DeviceMatch): { field: string; message: string }[] {
  const problems: { field: string; message: string }[] = []
  for (const key of PATTERN_KEYS) {
    for (const [index, source] of (match[key] ?? []).entries()) {
      const problem = patternProblem(source)
      if (problem !== null) problems.push({ field: `${key}[${index}]`, message: `${source} ${problem}` })
      else if (new RegExp(source, 'i').test(''))
        problems.push({ field: `${key}[${index}]`, message: `${source} fits every text: ask for some characters` })
    }
  }
  for (const [index, suffix] of (match.host ?? []).entries()) {
    const problem = suffixProblem(suffix) ?? publicSuffixProblem(suffix)
    if (problem !== null) problems.push({ field: `host[${index}]`, message: `${suffix}: ${problem}` })
  }
  for (const [index, service] of (match.mdnsService ?? []).entries()) {
    if (!/^_[a-z0-9_-]{1,32}\._(tcp|udp)$/i.test(service))
      problems.push({ field: `mdnsService[${index}]`, message: `${service}: write it as _name._tcp or _name._udp` })
  }
  for (const [index, port] of (match.port ?? []).entries()) {
    if (!/^(internet|home|serves) (tcp|udp) [1-9]\d{0,4}$/.test(port))
      problems.push({ field: `port[${index}]`, message: `${port}: write it as internet tcp 8883, home … or serves …` })
  }
  for (const [index, list] of (match.dhcpParameterList ?? []).entries()) {
    if (!/^\d{1,3}(,\d{1,3})+$/.test(list))
      problems.push({
        field: `dhcpParameterList[${index}]`,
        message: `${list}: write option numbers with commas and no spaces, as in 1,3,6,15`,
      })
  }
  return problems
}

export function publicSuffixProblem(suffix: string): string | null {
  if (suffix.includes('*') || getPublicSuffix(suffix, { allowPrivateDomains: false }) !== suffix) return null
  return 'anyone can register a name below it: add the name in front, as in example.co.uk'
}
