// The steps of the checklist on the screen Welcome: whether each is done, and what to do where it is not.
import type { Overview, TrafficStatus } from '../../server/api.ts'
import { welcome as words } from '../text/en-welcome.ts'
import { bytes } from '../text/format.ts'
import { t } from '../text/text.ts'
import { visible } from '../text/visible.ts'
import { activeDevices } from './story.ts'

export interface ChecklistStep {
  title: string
  done: boolean
  /** Shown once it is done. */
  words: string
  /** Shown until then. */
  help: string
}

export function checklistOf(status: TrafficStatus, overview: Overview | null, lookupsOnly: boolean): ChecklistStep[] {
  const { sources, health } = status
  const running = sources.find((source) => source.state === 'running' || source.state === 'quiet')
  const packets = Math.max(
    health.packets,
    sources.reduce((sum, source) => sum + source.packets, 0),
  )
  const devices = overview === null ? 0 : activeDevices(overview).length
  const named = namedBytes(overview)
  const lookups = overview?.lookups ?? 0
  const trouble = sources.find((source) => source.problem !== null && source.onlyOwnTraffic !== true)?.problem ?? null
  const alone = sources.find((source) => source.onlyOwnTraffic === true)?.problem ?? null
  return [
    {
      title: words.capture,
      done: running !== undefined,
      words: visible(running?.title ?? ''),
      help: trouble === null ? words.captureHelp : visible(trouble),
    },
    {
      title: words.packets,
      done: packets > 0,
      words: lookupsOnly ? t.lookups.count(packets) : words.packetsCount(packets),
      help: words.packetsHelp,
    },
    {
      title: words.devices,
      done: devices > 1 && alone === null,
      words: t.devices(devices),
      help: alone === null ? words.devicesHelp : visible(alone),
    },
    {
      title: words.names,
      done: named > 0 || lookups > 0,
      words: lookupsOnly ? t.lookups.count(lookups) : words.namedBytes(bytes(named)),
      help: words.namesHelp,
    },
  ]
}

function namedBytes(overview: Overview | null): number {
  const { tls = 0, quic = 0, dns = 0, http = 0 } = overview?.coverage ?? {}
  return tls + quic + dns + http
}
