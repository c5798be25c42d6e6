// The spool of uploaded recordings: outside the state folder, for this user only, deleted on close and at start.
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statfsSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ServiceError } from '../model/service-error.ts'
import { isDiskFull } from '../store/reserve.ts'

/** Room left on the disk for everything else. */
const SPARE_BYTES = 200e6

export class Spool {
  readonly folder: string

  /**
   * One spool per state folder; what an earlier run left is deleted. Throws where the place belongs to somebody else.
   */
  constructor(stateFolder: string, base = tmpdir()) {
    this.folder = spoolFolder(stateFolder, base)
    try {
      this.prepare()
    } catch (error) {
      // A disk that is full or read-only stops uploads, and nothing else.
      if (refusalOf(error) === null) throw error
    }
  }

  private prepare(): void {
    const user = process.getuid?.() ?? 0
    mkdirSync(this.folder, { recursive: true, mode: 0o700 })
    const place = lstatSync(this.folder)
    if (!place.isDirectory() || place.uid !== user)
      throw new Error(`${this.folder} belongs to somebody else; recordings cannot be kept there while they are open`)
    chmodSync(this.folder, 0o700)
    this.clear()
  }

  /**
   * Streams a recording to a file of its own and returns its path. Rejects with a ServiceError where it is longer than
   * `maxBytes` or the disk has no room; nothing is left then.
   */
  async receive(body: Readable, size: number | null, maxBytes: number): Promise<string> {
    if (size !== null && size > maxBytes) throw tooLarge(maxBytes)
    if (!existsSync(this.folder)) this.prepareOrRefuse()
    const disk = statfsSync(this.folder)
    const free = disk.bavail * disk.bsize - SPARE_BYTES
    if (size !== null && size > free) throw noRoom(free)
    const path = join(this.folder, `${randomBytes(12).toString('hex')}.capture`)
    try {
      await pipeline(body, atMost(maxBytes, free), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
      return path
    } catch (error) {
      this.remove(path)
      if (error instanceof ServiceError) throw error
      const refusal = refusalOf(error, free)
      if (refusal !== null) throw refusal
      throw new ServiceError(400, 'upload-broken', 'The upload broke off; nothing of it was kept')
    }
  }

  private prepareOrRefuse(): void {
    try {
      this.prepare()
    } catch (error) {
      throw refusalOf(error) ?? error
    }
  }

  remove(path: string): void {
    rmSync(path, { force: true })
  }

  clear(): void {
    for (const name of readdirSync(this.folder)) rmSync(join(this.folder, name), { recursive: true, force: true })
  }
}

/** Where the recordings of a state folder lie; the same at every start. */
export function spoolFolder(stateFolder: string, base = tmpdir()): string {
  const mark = createHash('sha256').update(stateFolder).digest('hex').slice(0, 12)
  return join(base, `telltale-${process.getuid?.() ?? 0}-${mark}`)
}

function atMost(maxBytes: number, free: number): Transform {
  let length = 0
  return new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      length += piece.length
      if (length > maxBytes) done(tooLarge(maxBytes))
      else if (length > free) done(noRoom(free))
      else done(null, piece)
    },
  })
}

function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError(
    413,
    'recording-too-large',
    `The recording is larger than the ${Math.round(maxBytes / 1e6)} MB that Settings allow`,
  )
}

/** Null where the disk is not what refused it. */
function refusalOf(error: unknown, free = 0): ServiceError | null {
  if (isDiskFull(error)) return noRoom(free)
  const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS'
  if (!isReadOnly) return null
  return new ServiceError(
    507,
    'no-room',
    `The disk that holds ${tmpdir()} is read-only: recordings cannot be kept there while they are open`,
  )
}

function noRoom(free: number): ServiceError {
  return new ServiceError(
    507,
    'no-room',
    `There is room for ${Math.max(0, Math.round(free / 1e6))} MB only on the disk that holds ${tmpdir()}`,
  )
}
