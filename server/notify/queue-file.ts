// Where does a queue wait over a restart? In a file of state.
import { openStateFile } from '../store/state-file.ts'
import type { QueueStore, Waiting } from './queue.ts'
import type { ClearingStore } from './mqtt.ts'

/** Damage is set aside and told, as of every file of state. */
export async function openQueueFile(path: string, onDamage?: (sentence: string) => void): Promise<QueueStore> {
  const file = await openStateFile<Waiting[]>(path, [], waitingFrom, onDamage)
  return {
    load: () => structuredClone(file.data),
    save: (waiting) => {
      file.data = [...waiting]
      return file.save()
    },
  }
}

/** The numbers of devices whose MQTT topics are still to be cleared. */
export async function openClearingFile(path: string, onDamage?: (sentence: string) => void): Promise<ClearingStore> {
  const file = await openStateFile<string[]>(path, [], numbersFrom, onDamage)
  return {
    load: () => [...file.data],
    save: (numbers) => {
      file.data = [...numbers]
      return file.save()
    },
  }
}

function waitingFrom(value: unknown): Waiting[] {
  if (!Array.isArray(value) || !value.every(isWaiting)) throw new Error('not a list of waiting notifications')
  return value
}

function isWaiting(value: unknown): value is Waiting {
  if (typeof value !== 'object' || value === null) return false
  const { notification, since, attempts, next } = value as Partial<Record<keyof Waiting, unknown>>
  return (
    typeof notification === 'object' &&
    notification !== null &&
    'id' in notification &&
    typeof notification.id === 'string' &&
    [since, attempts, next].every(Number.isFinite)
  )
}

function numbersFrom(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((number) => typeof number === 'string' && /^[0-9a-f]{1,64}$/.test(number)))
    throw new Error('not a list of numbers of devices')
  return value as string[]
}
