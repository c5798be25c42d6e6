// The list in a backup of what it holds, with the SHA-256 of each file.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

export const MANIFEST = 'manifest.json'
export const MAX_MANIFEST_BYTES = 1024 * 1024
const FORMAT = 'telltale-backup'

export interface ListedFile {
  name: string
  size: number
  sha256: string
}

export interface Manifest {
  format: typeof FORMAT
  /** Of this list. */
  version: 1
  /** Of the program that made it. */
  telltale: string
  /** ISO 8601, UTC. */
  madeAt: string
  files: ListedFile[]
}

export function newManifest(telltale: string, files: ListedFile[]): Manifest {
  return { format: FORMAT, version: 1, telltale, madeAt: new Date().toISOString(), files }
}

/** Throws the end of a sentence about the archive. */
export function readManifest(text: string): Manifest {
  let stored: Partial<Manifest> | null
  try {
    stored = JSON.parse(text) as Partial<Manifest> | null
  } catch {
    throw new Error('its list of files is damaged')
  }
  if (stored?.format !== FORMAT) throw new Error('it is no backup of Telltale')
  if (stored.version !== 1) throw new Error('it was made by a newer Telltale: install that version')
  const { files, madeAt, telltale } = stored
  if (!Array.isArray(files) || !files.every(isListed) || typeof madeAt !== 'string' || typeof telltale !== 'string')
    throw new Error('its list of files is damaged')
  return { format: FORMAT, version: 1, telltale, madeAt, files }
}

/** A name in the folder itself: nothing of a backup is written elsewhere. */
function isListed(file: unknown): file is ListedFile {
  const { name, size, sha256 } = (file ?? {}) as Partial<ListedFile>
  return (
    typeof name === 'string' &&
    /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$/.test(name) &&
    name !== MANIFEST &&
    Number.isSafeInteger(size) &&
    (size as number) >= 0 &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256)
  )
}

export async function hashOfFile(path: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    size += piece.length
    hash.update(piece)
  }
  return { size, sha256: hash.digest('hex') }
}
