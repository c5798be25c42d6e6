// Access: the session, the access log, and what is recorded.
import type { Level, Role } from './common.ts'

/** GET /api/session */
export interface SessionFacts {
  /** False until somebody set the first password. */
  claimed: boolean
  role: Role | null
  /** Sent back as header x-csrf-token with every change, and as `auth.csrf` when the socket connects. */
  csrf: string | null
  version: string
  /** Open to the home's network, or to this machine only. */
  lan: boolean
  hasViewer: boolean
}

/** GET /api/access-log: log-ins and changes, for the household to read. No address, no device. */
export interface AccessEntry {
  at: number
  what: 'claimed' | 'login' | 'login-failed' | 'logout' | 'password-changed' | 'forgot-device' | 'settings' | 'replay'
  role: Role | null
}

/** GET /api/recorded: what is recorded here, for anyone on the network. No device. */
export interface Recorded {
  /** Payload is never recorded, and nothing leaves the house. */
  payload: false
  leavesTheHouse: false
  levels: Level[]
  newDevices: Level
  minuteHours: number
  hourDays: number
  dayDays: number
  saveEverySeconds: number
}
