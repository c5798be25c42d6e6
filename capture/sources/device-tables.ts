// Follower of a router's table of devices, read as a whole file: such tables are small and written anew.
import { open } from 'node:fs/promises'
import type { LogLease } from '../logs/record.ts'
import type { DeviceTableFormat } from '../logs/table.ts'

const LOOK_EVERY_MS = 2000
/** Far more than the leases of a home, also where a file grows by a row for each change. */
const MAX_LENGTH = 1 << 22

/** What is needed of a table's format once its place is known. */
type TableReader = Pick<DeviceTableFormat, 'advice' | 'parse'>

/** Tells the devices of a table that are new or changed since the look before. */
export class DeviceTable {
  readonly path: string
  /** What is wrong, in a sentence; null when all is well. */
  problem: string | null = null
  private readonly format: TableReader
  private readonly onDevice: (device: LogLease) => void
  private text = ''
  private known = new Set<string>()
  private timer: NodeJS.Timeout | null = null
  private isStopped = false

  constructor(path: string, format: TableReader, onDevice: (device: LogLease) => void) {
    this.path = path
    this.format = format
    this.onDevice = onDevice
  }

  start(): void {
    const again = (): void => {
      if (!this.isStopped) this.timer = setTimeout(() => void this.look().then(again), LOOK_EVERY_MS)
    }
    void this.look().then(again)
  }

  stop(): void {
    this.isStopped = true
    if (this.timer !== null) clearTimeout(this.timer)
  }

  /** Reads the table now. Never rejects: see `problem`. */
  async look(): Promise<void> {
    try {
      const text = await readBounded(this.path)
      this.problem = null
      if (text !== this.text) this.parse(text)
    } catch (error) {
      this.problem = describe(error, this.path, this.format.advice)
    }
  }

  private parse(text: string): void {
    this.text = text
    const known = new Set<string>()
    for (const device of this.format.parse(text)) {
      const key = `${device.mac} ${device.address} ${device.name ?? ''}`
      known.add(key)
      if (!this.known.has(key)) this.onDevice(device)
    }
    this.known = known
  }
}

/** Files under /proc have no length: read until nothing comes. */
async function readBounded(path: string): Promise<string> {
  const handle = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(MAX_LENGTH)
    let length = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, MAX_LENGTH - length, null)
      length += bytesRead
      if (bytesRead === 0 || length === MAX_LENGTH) return buffer.toString('utf8', 0, length)
    }
  } finally {
    await handle.close()
  }
}

function describe(error: unknown, path: string, advice: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT') return `There is no ${path}. ${advice}`
  if (code === 'EACCES' || code === 'EPERM') return `Telltale may not read ${path}. Give its user the right to.`
  return `${path} cannot be read (${error instanceof Error ? error.message : String(error)}).`
}
