// What the owner decided about devices that changes how they are shown.
import type { Level, NewPerson } from '../api.ts'

/** The owner's choices for devices, by id. */
export interface OwnerChoices {
  devices: Record<string, { name?: string; kind?: string; level?: Level; person?: string }>
  /** Id → the id it was merged into. */
  merges: Record<string, string>
  /** Persons and rooms, by id. */
  people?: Record<string, NewPerson>
}
