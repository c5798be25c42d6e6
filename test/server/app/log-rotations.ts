// Logs that are rotated in every way, written while the whole service follows them, and what its history has in the
// end.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrafficStatus, DevicePage, Overview } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { ROTATIONS, type Rotation, Writer } from '../../capture/sources/rotations.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'

const NAMES = 50
const PATIENCE_MS = 180_000

/** One log, and how many lines of it each name should count. */
interface Log {
  rotation: Rotation
  client: string
  writer: Writer
  written: number
}

export interface Counted {
  rotation: Rotation
  written: number
  total: number
  /** Names whose look-ups are not as many as were written. */
  wrong: string[]
}

/** Writes `lineCount` lines in `rounds` over one log per way of rotating, with restarts of the service in between. */
export async function followThroughService(
  lineCount: number,
  rounds: number,
  restarts: number[],
  seed: number,
): Promise<Counted[]> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-rotated-'))
  const { next: random } = seededRandom(seed)
  const logs = ROTATIONS.map((rotation, index): Log => {
    mkdirSync(join(folder, String(index)))
    return {
      rotation,
      client: `192.168.7.${index + 10}`,
      writer: new Writer(join(folder, String(index), 'query.log')),
      written: 0,
    }
  })
  const open = (): Promise<TestHome> =>
    startHome({
      stateFolder: join(folder, 'state'),
      sources: logs.map(({ writer }) => planOfArgument(`dns:dnsmasq:${writer.path}`)),
    })
  let home = await open()
  try {
    // A first look begins with what is there: what was cut before it is not its own.
    for (const log of logs) writeLines(log, 1, random)
    for (const log of logs) await allRead(home, log)
    const share = Math.floor(lineCount / ROTATIONS.length / rounds)
    for (let round = 0; round < rounds; round++) {
      const isAway = restarts.includes(round)
      if (isAway) {
        for (const log of logs) await allRead(home, log)
        await home.close()
      }
      for (const log of logs) {
        writeLines(log, share, random)
        // What nobody read of a deleted or cut file is gone: such a log rests while nobody is there.
        if (!isAway || !/^(deleted|truncated)/.test(log.rotation))
          await log.writer.rotate(log.rotation, () => (isAway ? Promise.resolve() : allRead(home, log)), random)
      }
      if (isAway) home = await open()
    }
    for (const log of logs) await allRead(home, log)
    return await Promise.all(logs.map((log) => count(home, log)))
  } finally {
    await home.close()
    for (const { writer } of logs) writer.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Half of the last line, and then the other half. */
function writeLines(log: Log, count: number, random: () => number): void {
  for (let left = count; left > 0;) {
    const some = Math.min(left, 1 + Math.floor(random() * 500))
    left -= some
    const text = Array.from({ length: some }, () => lineOf(log)).join('')
    const cut = text.length - 1 - Math.floor(random() * 40)
    log.writer.write(text.slice(0, cut))
    log.writer.write(text.slice(cut))
  }
}

function lineOf(log: Log): string {
  const number = log.written++
  const [, month = '', day = '', , time = ''] = /^\w+ (\w+) (\d+) (\d+) ([\d:]+)/.exec(new Date().toString()) ?? []
  return `${month} ${String(Number(day)).padStart(2)} ${time} dnsmasq[1]: ${number} ${log.client}/5353 query[A] n${number % NAMES}.example.com from ${log.client}\n`
}

async function window(home: TestHome): Promise<string> {
  const { now } = await home.client.get<TrafficStatus>('/api/traffic/live/status')
  return `from=${Math.floor(now) - 86_400}&to=${Math.floor(now) + 60}`
}

async function lookupsOf(home: TestHome, { client }: Log): Promise<number> {
  const { devices } = await home.client.get<Overview>(`/api/traffic/live/overview?${await window(home)}`)
  return devices.find(({ id }) => id === client)?.lookups ?? 0
}

/** At least as many as were written: more would be found at the end. */
async function allRead(home: TestHome, log: Log): Promise<void> {
  await eventually(
    () => lookupsOf(home, log),
    (lookups) => lookups >= log.written,
    PATIENCE_MS,
  ).catch((error: unknown) => {
    throw new Error(`${log.rotation}: ${log.written} lines written. ${String(error)}`)
  })
}

async function count(home: TestHome, { rotation, client, written }: Log): Promise<Counted> {
  const { endpoints } = await home.client.get<DevicePage>(`/api/traffic/live/devices/${client}?${await window(home)}`)
  const found = new Map(endpoints.map(({ host, lookups }) => [host ?? '', lookups ?? 0]))
  const wrong: string[] = []
  for (let name = 0; name < NAMES; name++) {
    const wanted = Math.floor(written / NAMES) + (name < written % NAMES ? 1 : 0)
    const seen = found.get(`n${name}.example.com`) ?? 0
    if (seen !== wanted) wrong.push(`n${name}: ${seen} of ${wanted}`)
  }
  return { rotation, written, total: [...found.values()].reduce((sum, lookups) => sum + lookups, 0), wrong }
}
