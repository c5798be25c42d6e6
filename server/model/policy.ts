// Policy of the owner: privacy levels, kinds and ignored devices.
import type { Level } from '../api.ts'

/** What the owner decided that changes how packets are counted. */
export interface Policy {
  levels: Record<string, Level>
  newDeviceLevel: Level
  /** Kinds that the owner chose, by id. */
  kinds: Record<string, string>
  /** Ids of the devices that belong to children. */
  children?: readonly string[]
  /** Excluded devices, as salted hashes of their ids, so that the ids are nowhere. */
  ignored: { salt: string; hashes: string[] }
}

export function levelIn({ levels, newDeviceLevel }: Policy, id: string): Level {
  return (Object.hasOwn(levels, id) ? levels[id] : undefined) ?? newDeviceLevel
}

/** An event names what happened and with which company: totals hold neither. */
export function keepsEvents(level: Level): boolean {
  return level === 'everything' || level === 'companies'
}
