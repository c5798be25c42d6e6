import type { Level } from '../api.ts'

/** What the owner decided that changes how packets are counted. */
export interface Policy {
  levels: Record<string, Level>
  newDeviceLevel: Level
  /** Kinds that the owner knows better, by id. */
  kinds: Record<string, string>
  /** Devices to be passed over, as salted hashes of their ids, so that the ids are nowhere. */
  ignored: { salt: string; hashes: string[] }
}

export function levelIn({ levels, newDeviceLevel }: Policy, id: string): Level {
  return (Object.hasOwn(levels, id) ? levels[id] : undefined) ?? newDeviceLevel
}

/** An event says what and to whom: totals say neither. */
export function keepsEvents(level: Level): boolean {
  return level === 'everything' || level === 'companies'
}
