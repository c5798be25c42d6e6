// Which new devices the owner is asked about: those that belong to nobody, unless the owner put it off.
import type { Device } from '../../server/api.ts'
import { Unasked } from './kind-asks.svelte.ts'

class PersonAsks extends Unasked {
  asksAbout({ id, isNew, person }: Pick<Device, 'id' | 'isNew' | 'person'>): boolean {
    return isNew && person === undefined && !this.isDismissed(id)
  }
}

export const personAsks = new PersonAsks('telltale-unasked-people')
