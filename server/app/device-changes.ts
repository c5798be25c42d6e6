// The owner's changes to devices: name, kind, level, merge, split, forget, ignore; and undo.
import { randomBytes } from 'node:crypto'
import type {
  DeviceChange,
  Merge,
  MergeOffer,
  NewPerson,
  PersonAdded,
  PersonChange,
  Receipt,
  RuleWords,
  SeenOnce,
  Undo,
} from '../api.ts'
import type { DryRuns } from '../dry-run/dry-runs.ts'
import { OTHERS_ID } from '../model/others.ts'
import type { ForgetReceipt } from '../history/history.ts'
import { ServiceError } from '../model/service-error.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import { isDiskFault } from '../store/disk-fault.ts'
import type { Channels } from './channels.ts'
import { decidedIds, type Decisions } from './decisions.ts'
import { mergeOffers } from './merge-offers.ts'
import type { Scopes } from './scopes.ts'

/** Who was seen within this time may still show more of itself. */
const QUIET_SECONDS = 600
/** Devices named of those seen once. */
const EXAMPLES = 10

export interface DeviceChangesParts {
  scopes: Scopes
  words: RuleWords
  decisions: Decisions
  settings: SettingsStore
  dryRuns: DryRuns
  channels: Channels
  /**
   * Removes devices from the files that are neither history nor decisions. Resolves to how many files were rewritten.
   */
  forgetElsewhere: (ids: string[]) => Promise<number>
  /** Called after each change. */
  emitChanged: () => void
  clock: () => number
}

export class DeviceChanges {
  private readonly parts: DeviceChangesParts

  constructor(parts: DeviceChangesParts) {
    this.parts = parts
  }

  async change(id: string, change: DeviceChange): Promise<Undo> {
    const { words, decisions, dryRuns, scopes } = this.parts
    this.requireDevice(id)
    if (typeof change.kind === 'string' && !Object.hasOwn(words.kinds, change.kind))
      throw new ServiceError(400, 'no-such-kind', `There is no kind of device "${change.kind}"`)
    const undo = await decisions.change(id, change)
    if (change.level !== undefined && change.level !== 'everything') {
      dryRuns.stop()
      this.applyPolicy()
      scopes.live.activity.forget(scopes.live.registry.membersOf(id))
      try {
        for (const member of scopes.live.registry.membersOf(id)) await scopes.live.history.coarsen(member, change.level)
      } catch (error) {
        // What was kept is as it was, and so is the decision.
        await decisions.undo(undo)
        this.applyDecisions()
        throw error
      }
    }
    this.applyDecisions()
    return { undo }
  }

  async addPerson(person: NewPerson): Promise<PersonAdded> {
    return this.parts.decisions.addPerson(person)
  }

  async changePerson(id: string, change: PersonChange): Promise<Undo> {
    const undo = await this.parts.decisions.changePerson(id, change)
    this.applyDecisions()
    return { undo }
  }

  async removePerson(id: string): Promise<Undo> {
    const undo = await this.parts.decisions.removePerson(id)
    this.applyDecisions()
    return { undo }
  }

  async merge(id: string, into: string): Promise<Undo> {
    this.requireDevice(id)
    this.requireDevice(into)
    if (id === into) throw new ServiceError(400, 'same-device', 'A device cannot be merged with itself')
    const undo = await this.parts.decisions.merge(id, into)
    this.applyDecisions()
    return { undo }
  }

  mergeOffers(): MergeOffer[] {
    const { decisions, scopes } = this.parts
    const { registry } = scopes.live
    return mergeOffers(
      registry.all(),
      (id) => registry.rootOf(id),
      (one, other) => decisions.areApart(one, other),
    )
  }

  async acceptMerge({ devices, into }: Merge): Promise<Undo> {
    for (const id of [...devices, into]) this.requireDevice(id)
    if (devices.includes(into)) throw new ServiceError(400, 'same-device', 'A device cannot be merged with itself')
    const undo = await this.parts.decisions.mergeAll(devices, into)
    this.applyDecisions()
    return { undo }
  }

  async declineMerge({ devices, into }: Merge): Promise<Undo> {
    for (const id of [...devices, into]) this.requireDevice(id)
    return { undo: await this.parts.decisions.keepApart([...devices, into]) }
  }

  async split(id: string): Promise<Undo> {
    this.requireDevice(id)
    const undo = await this.parts.decisions.split(id)
    this.applyDecisions()
    return { undo }
  }

  async undo(number: string): Promise<void> {
    await this.parts.decisions.undo(number)
    this.applyDecisions()
  }

  async forget(id: string, ignore: boolean): Promise<Receipt> {
    this.requireDevice(id)
    return this.forgetAll(this.parts.scopes.live.registry.membersOf(id), ignore)
  }

  async seenOnce(): Promise<SeenOnce> {
    const until = this.onceUntil()
    const ids = await this.idsSeenOnce(until)
    return { count: ids.length, examples: ids.slice(0, EXAMPLES), until }
  }

  private onceUntil(): number {
    const { scopes } = this.parts
    return Math.floor(scopes.nowOf(scopes.live)) - QUIET_SECONDS
  }

  /** Of all that were seen once, and last before `until`: one receipt. */
  async forgetSeenOnce(until: number): Promise<Receipt> {
    const ids = await this.idsSeenOnce(Math.min(until, this.onceUntil()))
    return { ...(await this.forgetAll(ids, false)), devices: ids.length }
  }

  /** Nobody that the owner decided about is among them. */
  private async idsSeenOnce(until: number): Promise<string[]> {
    const { scopes, decisions } = this.parts
    const { devices, merges } = decisions.words
    const targets = new Set(Object.values(merges))
    const isDecided = (id: string): boolean =>
      id === OTHERS_ID || Object.hasOwn(devices, id) || Object.hasOwn(merges, id) || targets.has(id)
    return (await scopes.live.history.seenOnce(until)).filter((id) => !isDecided(id))
  }

  private async forgetAll(ids: string[], ignore: boolean): Promise<Receipt> {
    const { scopes, dryRuns, decisions, channels, forgetElsewhere, clock } = this.parts
    const session = scopes.live
    dryRuns.stop()
    // From here on it is finished, after a restart if need be; where a full disk refuses this, nothing has changed.
    await session.history.beginForget(ids)
    const decided = await decisions.forget(ids, ignore)
    this.applyPolicy()
    await session.forget(ids)
    const { rows, files } = await inTurn([
      () => session.history.forget(ids),
      async () => ({ rows: 0, files: (await forgetElsewhere(ids)) + decided }),
      async () => ({ rows: 0, files: await channels.forget(ids) }),
    ])
    scopes.dropCache(session)
    this.applyDecisions()
    return {
      id: randomBytes(8).toString('hex'),
      at: Math.floor(clock()),
      rows,
      files,
      ignored: ignore,
    }
  }

  async unignore(hash: string): Promise<void> {
    await this.parts.decisions.unignore(hash)
    this.applyPolicy()
  }

  /** Sets the policy of the live session from decisions and settings. */
  applyPolicy(): void {
    const { scopes, decisions, settings } = this.parts
    const session = scopes.live
    session.setPolicy(decisions.policy(settings.values.privacy.newDevices, (id) => session.registry.membersOf(id)))
  }

  private applyDecisions(): void {
    const { scopes, decisions } = this.parts
    void scopes.live.history.keep(decidedIds(decisions.words)).catch(() => undefined)
    this.parts.scopes.live.registry.refresh()
    this.applyPolicy()
    this.parts.emitChanged()
  }

  private requireDevice(id: string): void {
    if (!this.parts.scopes.live.registry.has(id)) noSuchDevice()
  }
}

/** Each step, whatever becomes of the others: what a full disk kept one from is tried again by itself. */
async function inTurn(steps: (() => Promise<ForgetReceipt>)[]): Promise<ForgetReceipt> {
  const sum = { rows: 0, files: 0 }
  let failure: unknown = null
  for (const step of steps) {
    try {
      const { rows, files } = await step()
      sum.rows += rows
      sum.files += files
    } catch (error) {
      failure ??= error
    }
  }
  if (failure === null) return sum
  if (!isDiskFault(failure)) throw failure
  throw new ServiceError(
    507,
    'forget-unfinished',
    'The device is forgotten, but the disk is full: traces of it stay there until there is room. Make room on it; Telltale then finishes by itself.',
  )
}

export function noSuchDevice(): never {
  throw new ServiceError(404, 'no-such-device', 'There is no such device; it may have been forgotten')
}
