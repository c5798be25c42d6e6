// Source kind folder: captures that another program writes file by file (tcpdump -G or -C).
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { CaptureReader } from '../formats/capture-reader.ts'
import type { NamedSource, PacketSourceDefinition } from './definition.ts'
import { type PacketSource, type SourceCounts, type SourceEvents, SourceMeter, type SourceState } from './source.ts'
import { PACKED_NAME, PACKING_BYTES, packingOf } from './packing.ts'
import { readCaptureStream } from './stream.ts'

/** How often the newest file is looked at. */
const LOOK_EVERY_MS = 500
const READ_LENGTH = 1 << 18
/** Read first: it shows the format, and by it a file is recognised. */
const HEAD_LENGTH = 8_192
/** Files that one folder may hold; the oldest beyond it are not looked at. */
const MAX_FILES = 10_000
const CAPTURE_NAME = /\.(?:pcap|pcapng|cap|dump)\d*(?:\.(?:gz|zst|xz))?$|(?:pcap|cap|dump)[\d_-]*$/i

export interface FolderOptions {
  /** Whether files that are already complete at the start are read too. Default: the newest alone, as it grows. */
  readOld?: boolean
}

interface CaptureFile {
  name: string
  path: string
  inode: bigint
  modified: bigint
}

/**
 * Reads complete files in the order in which they were written, and the newest as it grows. A file is complete once a
 * newer one is there. Files compressed afterwards (tcpdump -z gzip) are not read twice.
 */
export class FolderSource implements PacketSource {
  private readonly folder: string
  private readonly events: SourceEvents
  private readonly options: FolderOptions
  private readonly meter: SourceMeter
  private state: SourceState = 'off'
  private problem: string | null = null
  private timer: NodeJS.Timeout | null = null
  private looking: Promise<void> | null = null
  private isFirstLook = true
  private current: {
    file: CaptureFile
    head: Uint8Array
    handle: FileHandle
    offset: number
    reader: CaptureReader
  } | null = null
  /** The last file that might not be read. */
  private refused: string | null = null
  /** Names (without .gz, .zst or .xz) and time of the last change of files that are done with. */
  private readonly done = new Map<string, bigint>()

  constructor(folder: string, events: SourceEvents, options: FolderOptions = {}) {
    this.folder = folder
    this.events = events
    this.options = options
    this.meter = new SourceMeter(
      (seconds) => `No new packets in ${folder} for ${seconds} s. Is the program that fills it still capturing?`,
    )
  }

  start(): void {
    if (this.state !== 'off') return
    this.setState('starting', null)
    const again = (): void => {
      if (this.state !== 'off') this.timer = setTimeout(() => void this.look().then(again), LOOK_EVERY_MS)
    }
    void this.look().then(again)
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer)
    this.setState('off', null)
    await this.looking
    await this.finishCurrent()
    this.meter.end()
  }

  status(): SourceCounts {
    return this.meter.status(this.state, this.problem)
  }

  /** Reads all there is now. Never rejects: see status(). */
  look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => this.setState('failed', describe(error, this.folder)))
      .finally(() => {
        this.looking = null
      })
    return this.looking
  }

  private async lookOnce(): Promise<void> {
    const files = await this.list()
    if (this.isFirstLook && this.options.readOld !== true) for (const file of files.slice(0, -1)) this.note(file)
    await this.readFiles(files)
    if (this.isFirstLook) this.events.onCaughtUp?.()
    this.isFirstLook = false
  }

  private async readFiles(files: CaptureFile[]): Promise<void> {
    const newest = files.at(-1)
    if (newest === undefined) {
      return this.setState(
        'starting',
        `There is no capture in ${this.folder} yet. Let tcpdump fill it: tcpdump -i br-lan -U -G 3600 -w '${this.folder}/home-%Y%m%d-%H%M%S.pcap'`,
      )
    }
    for (const file of files) {
      if (this.isDone(file)) continue
      await this.read(file)
      // What a newer file follows is complete.
      if (file !== newest) await this.finishCurrent()
    }
  }

  private async read(file: CaptureFile): Promise<void> {
    if (this.current !== null && this.current.file.inode !== file.inode) {
      await this.finishCurrent()
      // It may be the same one, packed since.
      if (this.isDone(file)) return
    }
    if (this.current === null && !(await this.begin(file))) return
    await this.readOn()
  }

  /** False where the file was read at once (packed), is too short yet to decide, or may not be read. */
  private async begin(file: CaptureFile): Promise<boolean> {
    const handle = await open(file.path, 'r')
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEAD_LENGTH), 0, HEAD_LENGTH, 0)
    const head = buffer.subarray(0, bytesRead)
    const isRefused = bytesRead >= 4 && this.events.mayRead?.(head) === false
    const isPacked = packingOf(head) !== null
    if (bytesRead < PACKING_BYTES || isRefused || isPacked) {
      await handle.close()
      if (isRefused) this.refuse(file)
      else if (isPacked) await this.readPacked(file, head)
      return false
    }
    const reader = this.events.openReader(Number(file.modified) / 1e9)
    this.meter.begin(reader)
    this.current = { file, head, handle, offset: 0, reader }
    return true
  }

  private refuse(file: CaptureFile): void {
    this.note(file)
    this.refused = file.name
    this.setState('running', this.refusal())
  }

  private refusal(): string | null {
    return this.refused === null ? null : `${this.refused} is not read: reading it stopped the engine twice.`
  }

  private async readOn(): Promise<void> {
    const { current } = this
    if (current === null) return
    const chunk = Buffer.allocUnsafe(READ_LENGTH)
    this.events.onFile?.(current.head)
    try {
      while (!current.reader.failed) {
        const { bytesRead } = await current.handle.read(chunk, 0, READ_LENGTH, current.offset)
        if (bytesRead === 0) break
        current.offset += bytesRead
        const before = current.reader.packets
        current.reader.push(chunk.subarray(0, bytesRead))
        this.meter.pushed(current.reader, before)
      }
    } finally {
      this.events.onFile?.(null)
    }
    this.report(current.file, current.reader)
  }

  private async readPacked(file: CaptureFile, head: Uint8Array): Promise<void> {
    const reader = this.events.openReader(Number(file.modified) / 1e9)
    this.meter.begin(reader)
    let before = 0
    const onPiece = (): void => {
      this.meter.pushed(reader, before)
      before = reader.packets
    }
    this.events.onFile?.(head)
    await readCaptureStream(createReadStream(file.path), reader, { onPiece }).finally(() => this.events.onFile?.(null))
    this.note(file)
    this.report(file, reader)
  }

  private report(file: CaptureFile, reader: CaptureReader): void {
    if (this.state === 'off') return
    const problem = reader.failed
      ? `${file.name} is skipped: ${reader.problems.list[0]?.message ?? 'it is damaged'}.`
      : this.refusal()
    this.setState('running', problem)
  }

  private async finishCurrent(): Promise<void> {
    const { current } = this
    this.current = null
    if (current === null) return
    const { mtimeNs } = await current.handle.stat({ bigint: true })
    this.note({ ...current.file, modified: mtimeNs })
    await current.handle.close()
  }

  private note(file: CaptureFile): void {
    this.done.set(keyOf(file), file.modified)
    if (this.done.size > MAX_FILES) this.done.delete(this.done.keys().next().value as string)
  }

  /**
   * A ring of files (tcpdump -W) uses a name again: written to since, it is another capture. Compressing keeps the
   * time.
   */
  private isDone(file: CaptureFile): boolean {
    const modified = this.done.get(keyOf(file))
    return modified !== undefined && (PACKED_NAME.test(file.name) || file.modified <= modified)
  }

  private async list(): Promise<CaptureFile[]> {
    const files: CaptureFile[] = []
    for (const name of (await readdir(this.folder))
      .filter((name) => CAPTURE_NAME.test(name))
      .sort()
      .slice(-MAX_FILES)) {
      const path = join(this.folder, name)
      const found = await stat(path, { bigint: true }).catch(() => null)
      if (found !== null && found.isFile()) files.push({ name, path, inode: found.ino, modified: found.mtimeNs })
    }
    return files.sort((a, b) => (a.modified < b.modified ? -1 : a.modified > b.modified ? 1 : a.name < b.name ? -1 : 1))
  }

  private setState(state: SourceState, problem: string | null): void {
    const isSame = state === this.state && problem === this.problem
    this.state = state
    this.problem = problem
    if (!isSame) this.events.onChange?.()
  }
}

function keyOf({ name }: CaptureFile): string {
  return name.replace(PACKED_NAME, '')
}

function describe(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return `There is no folder ${folder}. Capture files are read as soon as there is.`
  if (code === 'EACCES' || code === 'EPERM')
    return `Telltale may not read ${folder}. Give its user the right to read the folder and its files.`
  return `${folder} cannot be read (${error instanceof Error ? error.message : String(error)}).`
}

export const source: PacketSourceDefinition<'folder', { folder: string }, 'folders'> = {
  kind: 'folder',
  delivers: 'packets',
  setting: {
    field: 'folders',
    title: 'Folders of captures',
    description: 'Full paths of folders that tcpdump -G fills; the newest file is read as it grows.',
    maxItems: 4,
    format: 'path',
    wanted: 'full paths such as /var/captures',
    add: {
      title: 'A folder of captures',
      example: '/var/captures',
      hint: 'The full path of a folder that tcpdump -G fills.',
    },
  },
  argument: 'folder:/path',
  readme: { what: 'a folder that `tcpdump -G` fills', argument: '`folder:/var/captures`', needs: '' },
  parseLine: parseFolder,
  parseArgument: (text) => (text.startsWith('folder:') ? parseFolder(text.slice(7)) : null),
  readsAgain: true,
  open: ({ folder }, events) => new FolderSource(folder, events),
}

function parseFolder(folder: string): NamedSource<{ folder: string }> | null {
  return isAbsolute(folder) ? { id: `folder:${folder}`, title: folder, folder } : null
}
