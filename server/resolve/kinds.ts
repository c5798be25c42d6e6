// Kinds of the devices of a recording, as far as its packets have shown by now.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { Engine } from '../engine/engine.ts'
import { LIMITS } from '../engine/limits.ts'
import { NO_MAC } from '../engine/ownership.ts'
import type { Rules } from '../rulebook/open.ts'
import type { DeviceEvidence } from '../identity/device-evidence.ts'
import { kindBy, signsAmong } from '../identity/identify.ts'
import { hostsByTraffic, rowsByBinding, saidBy } from './describe-devices.ts'
import { type DeviceBindings, groupBindings } from './devices.ts'

/** Devices are identified anew when the recording is twice as long as the last time, from a minute to a day. */
const FIRST_LOOK_SECONDS = 60
const LONGEST_SECONDS = 86_400
/**
 * And there are packets enough since then to pay for it: to identify costs as much as there are rows and bindings. In a
 * recording whose packets are days apart each of them would ask anew.
 */
const COST_PER_PACKET = 4

/** Devices of which the evidence is remembered. */
const MAX_DECIDED = 512

/** Kinds by the number that stands for a device in a cell; looked up only when a detector asks. */
export class Kinds {
  private readonly engine: Engine
  private readonly rules: Rules
  private byId = new Map<string, string>()
  private byAddress = new Map<string, string>()
  /** Answers since the last look. */
  private readonly answers = new BoundedMap<number, string>('kinds of devices', MAX_DECIDED)
  private readonly decided = new BoundedMap<string, { text: string; kind: string }>('devices decided', MAX_DECIDED)
  private lookAgainAt = Number.NEGATIVE_INFINITY
  private paidFrom = 0

  constructor(engine: Engine, rules: Rules) {
    this.engine = engine
    this.rules = rules
  }

  /** "unknown" where nobody knows. */
  of(index: number): string {
    this.look()
    const known = this.answers.get(index)
    if (known !== undefined) return known
    const key = index - LIMITS.macs
    const { engine } = this
    const kind =
      (key < 0 ? this.byId.get(engine.ownership.macText(-key)) : this.byAddress.get(engine.addresses.text(key))) ??
      'unknown'
    this.answers.set(index, kind)
    return kind
  }

  private look(): void {
    const { clock } = this.engine
    const now = clock.last
    if (now < this.lookAgainAt || this.engine.ipPackets < this.paidFrom) return
    const { ipPackets, rows, ownership } = this.engine
    this.paidFrom = ipPackets + (rows.used + ownership.bindingsUsed) / COST_PER_PACKET
    const age = now - clock.first
    this.lookAgainAt = now + Math.min(LONGEST_SECONDS, Math.max(FIRST_LOOK_SECONDS, age))
    this.byId = new Map()
    this.byAddress = new Map()
    this.answers.clear()
    const rowsOf = rowsByBinding(this.engine)
    for (const device of groupBindings(this.engine)) this.note(device, rowsOf)
  }

  /** The kind by evidence, which is mostly the same as the last time. */
  private decide(id: string, evidence: DeviceEvidence): string {
    evidence.companies.sort()
    const text = JSON.stringify(evidence)
    const known = this.decided.get(id)
    if (known?.text === text) return known.kind
    const kind = kindBy(evidence, this.rules.devices)
    this.decided.set(id, { text, kind })
    return kind
  }

  private note(device: DeviceBindings, rowsOf: Map<number, number[]>): void {
    const { engine, rules } = this
    const mac = device.mac === NO_MAC ? null : engine.ownership.macText(device.mac)
    const companies = new Set<string>()
    const hosts: string[] = []
    for (const host of hostsByTraffic(engine, device, rowsOf)) {
      const { company } = rules.companies.lookUp(host)
      if (company !== null) companies.add(company)
      hosts.push(host)
    }
    const said = saidBy(engine, device, mac)
    const kind = this.decide(device.id, { ...said, companies: [...companies], hosts: signsAmong(hosts, rules.devices) })
    this.byId.set(device.id, kind)
    for (const binding of device.bindings) {
      const address = engine.addresses.text(engine.ownership.addressOf(binding))
      if (address !== '0.0.0.0' && address !== '::') this.byAddress.set(address, kind)
    }
  }
}
