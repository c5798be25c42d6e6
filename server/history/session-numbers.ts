// The numbers that a session gives its devices and endpoints, and the ids that the traffic history keeps them under.
import { AT_HOME, type Batch, type Endpoint } from '../model/batch.ts'
import type { Catalog } from './catalog.ts'

export class SessionNumbers {
  private readonly catalog: Catalog
  /** As the session last declared them. */
  private readonly deviceNames = new Map<number, string>()
  private readonly endpoints = new Map<number, Endpoint>()
  private deviceIds = new Map<number, number>()
  private endpointIds = new Map<number, number>()

  constructor(catalog: Catalog) {
    this.catalog = catalog
  }

  declare({ devices, endpoints }: Pick<Batch, 'devices' | 'endpoints'>): void {
    for (const { index, id } of devices) {
      this.deviceNames.set(index, id)
      this.deviceIds.delete(index)
    }
    for (const endpoint of endpoints) {
      this.endpoints.set(endpoint.number, endpoint)
      const id = this.endpointIds.get(endpoint.number)
      // A host declared again has one more address; a number declared anew is another session's.
      if (id !== undefined && this.catalog.endpointId(endpoint) !== id) this.endpointIds.delete(endpoint.number)
    }
  }

  deviceId(index: number): number {
    const known = this.deviceIds.get(index)
    if (known !== undefined) return known
    const name = this.deviceNames.get(index)
    if (name === undefined) throw new Error(`Device ${index} was never declared to the history`)
    const id = this.catalog.deviceId(name)
    this.deviceIds.set(index, id)
    return id
  }

  endpointId(number: number): number {
    if (number === AT_HOME) return AT_HOME
    const known = this.endpointIds.get(number)
    if (known !== undefined) return known
    const endpoint = this.endpoints.get(number)
    if (endpoint === undefined) throw new Error(`Endpoint ${number} was never declared to the history`)
    const id = this.catalog.endpointId(endpoint)
    this.endpointIds.set(number, id)
    return id
  }

  /** Ids of the history have changed: they are looked up again. */
  forgetIds(): void {
    this.deviceIds = new Map()
    this.endpointIds = new Map()
  }
}
