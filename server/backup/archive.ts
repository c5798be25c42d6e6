// The archive of a backup: a gzipped tar, whose first file is the list of the others.
import { createHash } from 'node:crypto'
import { create, extract, list, type ReadEntry } from 'tar'
import { MANIFEST, MAX_MANIFEST_BYTES, readManifest, type Manifest } from './manifest.ts'

/** Packs files of a folder, the list first. */
export async function pack(folder: string, names: readonly string[], file: string): Promise<void> {
  await create({ gzip: true, portable: true, cwd: folder, file, mode: 0o600, strict: true }, [MANIFEST, ...names])
}

/** Reads all of an archive. Throws a sentence that names the file which is damaged, or is not listed. */
export async function verify(file: string): Promise<Manifest> {
  const found = new Map<string, { size: number; sha256: string }>()
  let reading = 'its beginning'
  let manifestText = ''
  const onReadEntry = (entry: ReadEntry): void => {
    reading = entry.path
    const hash = createHash('sha256')
    let size = 0
    const isManifest = entry.path === MANIFEST && entry.size <= MAX_MANIFEST_BYTES
    entry.on('data', (piece: Buffer) => {
      size += piece.length
      hash.update(piece)
      if (isManifest) manifestText += piece.toString('latin1')
    })
    entry.on('end', () => found.set(entry.path, { size, sha256: hash.digest('hex') }))
  }
  await list({ file, strict: true, onReadEntry }).catch((error: unknown) => {
    throw new Error(`${file} is damaged or cut off at ${reading} (${(error as Error).message}).`)
  })
  const manifest = manifestOf(file, manifestText)
  for (const { name, size, sha256 } of manifest.files) {
    const present = found.get(name)
    if (present === undefined) throw new Error(`${file} is damaged: ${name} is missing from it.`)
    if (present.size !== size || present.sha256 !== sha256)
      throw new Error(`${file} is damaged: ${name} is not what it was when the backup was made.`)
  }
  const listed = new Set([MANIFEST, ...manifest.files.map(({ name }) => name)])
  const other = [...found.keys()].find((name) => !listed.has(name))
  if (other !== undefined) throw new Error(`${file} holds ${other}, which its list does not name.`)
  return manifest
}

/** Unpacks the listed files of an archive that was verified into an empty folder. */
export async function unpack(file: string, manifest: Manifest, folder: string): Promise<void> {
  const sizes = new Map(manifest.files.map(({ name, size }) => [name, size]))
  await extract({
    file,
    cwd: folder,
    strict: true,
    preserveOwner: false,
    fmode: 0o600,
    filter: (path, entry) => 'type' in entry && entry.type === 'File' && sizes.get(path) === entry.size,
  })
}

function manifestOf(file: string, latin1: string): Manifest {
  if (latin1 === '') throw new Error(`${file} is no backup of Telltale: it has no list of files.`)
  try {
    return readManifest(Buffer.from(latin1, 'latin1').toString('utf8'))
  } catch (error) {
    throw new Error(`${file} cannot be used: ${(error as Error).message}.`)
  }
}
