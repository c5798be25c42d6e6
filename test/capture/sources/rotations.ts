// The ways in which resolvers and logrotate rotate a log, done to a real file that a writer holds open.
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { LogFollower, type LogPosition } from '../../../capture/sources/log-follower.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'

export const ROTATIONS = [
  'renamed and created',
  'renamed, and written on until it is created later',
  'copied and truncated',
  'deleted and created',
  'truncated in place',
  'renamed and compressed',
  'renamed after the date',
  'rotated twice between two looks',
  'a link that is switched to the next file',
] as const
export type Rotation = (typeof ROTATIONS)[number]

/** Writes numbered lines, rotates now and then, and looks at random moments; also stops and starts the follower. */
export async function followThrough(
  folder: string,
  rotation: Rotation,
  lineCount: number,
  rotateEvery: number,
  seed: number,
): Promise<{ seen: Int32Array; strange: string[]; rotations: number }> {
  const { next: random } = seededRandom(seed)
  const writer = new Writer(join(folder, 'query.log'))
  const seen = new Int32Array(lineCount)
  const strange: string[] = []
  let rotations = 0
  const take = (line: string): void => {
    const number = Number(/^line (\d+) of the log$/.exec(line)?.[1] ?? Number.NaN)
    if (number >= 0 && number < lineCount) seen[number]++
    else strange.push(line)
  }
  const start = (position: LogPosition | null): LogFollower =>
    new LogFollower(writer.path, { position, from: 'start', onLine: take })
  let follower = start(null)
  for (let number = 0, round = 0; number < lineCount; round++) {
    // Between the two of a double rotation nobody looks.
    const mayLook = rotation !== 'rotated twice between two looks' || round % 2 === 0
    const until = Math.min(lineCount, number + 1 + Math.floor(random() * rotateEvery * 2))
    for (; number < until;) {
      const some = Math.min(until, number + 1 + Math.floor(random() * 500))
      const text = Array.from({ length: some - number }, (_, index) => `line ${number + index} of the log\n`).join('')
      number = some
      // Half of the last line, a check, and the other half.
      const cut = text.length - 1 - Math.floor(random() * 8)
      writer.write(text.slice(0, cut))
      if (mayLook && random() < 0.3) await follower.look()
      writer.write(text.slice(cut))
      if (mayLook && random() < 0.3) await follower.look()
      if (mayLook && random() < 0.05) {
        // A restart: the position went through the state file.
        const position = JSON.parse(JSON.stringify(follower.position())) as LogPosition | null
        rotations += follower.rotations
        await follower.stop()
        follower = start(position)
        if (random() < 0.5) await follower.look()
      }
    }
    if (number < lineCount) await writer.rotate(rotation, () => follower.look(), random)
  }
  await follower.look()
  await follower.look()
  rotations += follower.rotations
  await follower.stop()
  writer.close()
  return { seen, strange, rotations }
}

/** A resolver that holds its log open, and whoever rotates it. */
export class Writer {
  readonly path: string
  private file: number
  private day = 0

  constructor(path: string) {
    this.path = path
    this.file = openSync(path, 'a')
  }

  write(text: string): void {
    writeSync(this.file, text)
  }

  close(): void {
    closeSync(this.file)
  }

  async rotate(rotation: Rotation, look: () => Promise<void>, random: () => number): Promise<void> {
    switch (rotation) {
      case 'renamed and created':
        this.shift()
        return this.reopen()
      case 'renamed, and written on until it is created later':
        this.shift()
        if (random() < 0.5) await look()
        if (random() < 0.5) appendFileSync(this.path, '')
        if (random() < 0.5) await look()
        return this.reopen()
      case 'copied and truncated':
        this.shift(true)
        return ftruncateSync(this.file)
      case 'deleted and created':
        // What nobody read of a deleted file is gone where nobody holds it open.
        await look()
        rmSync(this.path)
        return this.reopen()
      case 'truncated in place':
        await look()
        return ftruncateSync(this.file)
      case 'renamed and compressed':
        this.shift()
        compress(`${this.path}.1`)
        return this.reopen()
      case 'renamed after the date':
        renameSync(this.path, `${this.path}-${20_261_124 + this.day++}`)
        return this.reopen()
      case 'rotated twice between two looks':
        this.shift()
        return this.reopen()
      case 'a link that is switched to the next file':
        return this.switchLink()
    }
  }

  /** query.log is a link to query.log-<day>, and the next day's file takes the name over in one step. */
  private switchLink(): void {
    const next = `${this.path}-${20_261_124 + this.day++}`
    if (!lstatSync(this.path).isSymbolicLink()) {
      renameSync(this.path, `${this.path}-20261123`)
      symlinkSync(`${this.path}-20261123`, this.path)
    }
    closeSync(this.file)
    this.file = openSync(next, 'a')
    symlinkSync(next, `${this.path}.new`)
    renameSync(`${this.path}.new`, this.path)
  }

  /** query.log becomes query.log.1, that .2, and so on. */
  private shift(isCopied = false): void {
    for (let number = 30; number >= 1; number--) {
      for (const ending of ['', '.gz']) {
        if (existsSync(`${this.path}.${number}${ending}`))
          renameSync(`${this.path}.${number}${ending}`, `${this.path}.${number + 1}${ending}`)
      }
    }
    if (isCopied) copyFileSync(this.path, `${this.path}.1`)
    else renameSync(this.path, `${this.path}.1`)
  }

  private reopen(): void {
    closeSync(this.file)
    this.file = openSync(this.path, 'a')
  }
}

/** As gzip does it: the time of the last change is kept. */
function compress(path: string): void {
  const { atimeMs, mtimeMs } = statSync(path)
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 1 }))
  utimesSync(`${path}.gz`, atimeMs / 1000, mtimeMs / 1000)
  rmSync(path)
}
