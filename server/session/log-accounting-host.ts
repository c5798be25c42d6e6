// What the accounting of logs and flows needs of the accounting that it belongs to.
import type { Level } from '../api.ts'
import type { Engine } from '../engine/engine.ts'
import type { Endpoint } from '../model/batch.ts'
import type { FarPort } from './endpoint-table.ts'

export interface LogAccountingHost {
  engine: Engine
  ofBinding: (binding: number) => number
  idOf: (device: number) => string
  levelOf: (device: number) => Level
  isOver: (device: number) => boolean
  endpointOf: (
    host: string | null,
    address: string | null,
    namedBy: Endpoint['namedBy'],
    level: Level,
    port?: FarPort,
  ) => Endpoint
  markSeen: (device: number, second: number) => void
  addPeer: (device: number, endpoint: Endpoint) => void
  addBytes: (second: number, device: number, endpoint: number, sent: number, received: number) => void
  /** The device called the address so: worth keeping over a restart. */
  rememberName: (device: number, address: string, host: string, namedBy: Endpoint['namedBy']) => void
}
