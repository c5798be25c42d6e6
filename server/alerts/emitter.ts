// Emission of samples to the detectors that subscribe to their stream, and what becomes of what they find.
import type { Alert } from './alert.ts'
import type { AtHand } from './at-hand.ts'
import type { AnyDetector, SampleOf, Stream } from './detector.ts'
import type { Found } from './found.ts'
import type { HabitStore } from './habit-store.ts'
import { addFinding, type IncidentMemory } from './incidents.ts'
import type { Memories } from './memory.ts'
import type { AlertSettings } from './settings.ts'
import { findingOf, type Subscriber, subscribersOf } from './subscribers.ts'

/** What emission needs of the engine that it belongs to. */
export interface EmitterHost {
  readonly habits: HabitStore
  readonly memory: IncidentMemory
  /** The local hour by the engine's clock; null before it has one. */
  hourNow: () => number | null
  changed: (alert: Alert | null) => void
}

export class Emitter {
  subscribers: Record<Stream, Subscriber[]>
  settings: AlertSettings
  private readonly host: EmitterHost

  constructor(settings: AlertSettings, host: EmitterHost) {
    this.settings = settings
    this.subscribers = subscribersOf(settings)
    this.host = host
  }

  changeSettings(settings: AlertSettings): void {
    this.settings = settings
    this.subscribers = subscribersOf(settings)
  }

  /** Emits a sample to each detector that subscribes to the stream. */
  emit<Name extends Stream>(stream: Name, sample: SampleOf<Name>, atHand: AtHand | null = null): void {
    for (const { detector, detect, settings } of this.subscribers[stream]) {
      const memories = this.memoriesFor(detector, atHand)
      const found = detect(memories[detector.memory.key], sample, settings)
      if (found !== null) this.found(detector, found, atHand?.device.id ?? null)
    }
  }

  found(detector: Subscriber['detector'], found: Found, device: string | null): void {
    const { host, settings } = this
    const { goesOn = false, ...facts } = found
    const finding = findingOf(settings, detector, facts, device, null)
    if (finding === null) return
    host.changed(addFinding(host.memory, finding, settings.coolDownSeconds, host.hourNow(), goesOn))
  }

  private memoriesFor({ memory }: AnyDetector, atHand: AtHand | null): Memories {
    return memory.scope === 'home' || atHand === null ? this.host.habits.ofHome : atHand.memory
  }
}
