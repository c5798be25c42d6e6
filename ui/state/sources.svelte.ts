// Where could this machine listen, and how is that chosen?
import type { InterfaceChoice, SettingsPage } from '../../server/api.ts'
import { get, send } from './api.ts'
import { session } from './session.svelte.ts'

/** Interfaces offered at once; Settings takes any. */
const MOST_OFFERED = 4

/** The interfaces that see most; only who may change settings is asked to choose. */
export class SourceChoices {
  interfaces: InterfaceChoice[] = $state.raw([])
  problem: string | null = $state(null)
  isBusy = $state(false)

  async load(): Promise<void> {
    if (!session.mayChange) return
    await this.try(async () => {
      this.interfaces = (await get<InterfaceChoice[]>('/api/interfaces')).slice(0, MOST_OFFERED)
    })
  }

  /** Adds the interface to the sources of Settings. */
  async listen(name: string): Promise<void> {
    await this.try(async () => {
      const { values } = await get<SettingsPage>('/api/settings')
      const chosen = (values['sources']?.['interfaces'] ?? []) as string[]
      await send('PATCH', '/api/settings', { sources: { interfaces: [...new Set([...chosen, name])] } })
    })
  }

  private async try(work: () => Promise<void>): Promise<void> {
    this.isBusy = true
    this.problem = null
    try {
      await work()
    } catch (error) {
      this.problem = (error as Error).message
    } finally {
      this.isBusy = false
    }
  }
}
