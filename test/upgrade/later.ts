// What a home does after an upgrade: more traffic of the same devices, and notices that waited for their receiver.
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ASKED_AT, LATER } from './home.ts'
import type { Home } from './kept.ts'
import { Browser, Program, until } from './program.ts'
import { type Answers, askAll, pathsFor } from './questions.ts'

interface Status {
  sources: { kind: string; packets: number }[]
}

/** Two hours more of the home, and the answers afterwards: levels, mutes and what is expected hold for new traffic. */
export async function continueHome(cli: string, home: Home, paths: string[] | null = null): Promise<Answers> {
  const capture = gunzipSync(readFileSync(join(home.folder, 'later.pcap.gz')))
  writeFileSync(join(home.folder, 'captures', 'home-4.pcap'), capture)
  const { folder, stateFolder, cookie } = home
  const clock = { start: LATER, rate: 0 }
  const program = await Program.start({ cli, stateFolder, workingFolder: folder, clock })
  try {
    const browser = new Browser(program.origin, cookie)
    const wanted = packetsIn(capture)
    await until('the later packets', async () => {
      const { sources } = await browser.get<Status>('/api/books/live/status')
      return sources.some(({ kind, packets }) => kind === 'folder' && packets >= wanted)
    })
    // A second is handed on when it is over; an answer after the next one has all of them.
    await new Promise((resolve) => setTimeout(resolve, 2500))
    return await askAll(browser, paths ?? (await pathsFor(browser, LATER)))
  } finally {
    await program.stop()
  }
}

function packetsIn(capture: Buffer): number {
  let count = 0
  for (let at = 24; at < capture.length; at += 16 + capture.readUInt32LE(at + 8)) count++
  return count
}

export interface Delivery {
  path: string
  headers: Record<string, string>
  body: unknown
}

/** What waited is delivered, once, when the receiver is there: the webhook's posts in order. */
export async function deliveredBy(cli: string, home: Home): Promise<Delivery[]> {
  const deliveries: Delivery[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      deliveries.push(deliveryOf(request.url ?? '', request.headers, Buffer.concat(pieces).toString()))
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const settings = join(home.stateFolder, 'settings.json')
  const { port } = server.address() as AddressInfo
  writeFileSync(
    settings,
    readFileSync(settings, 'utf8').replace('http://127.0.0.1:1/hook', `http://127.0.0.1:${port}/hook`),
  )
  const { folder, stateFolder, cookie } = home
  // Behind the longest pause between two attempts.
  const program = await Program.start({ cli, stateFolder, workingFolder: folder, clock: { start: ASKED_AT, rate: 0 } })
  try {
    const browser = new Browser(program.origin, cookie)
    await until('an empty queue', async () => {
      const page = await browser.get<{ channels: Record<string, { waiting: number }> }>('/api/settings')
      return page.channels['webhook']?.waiting === 0
    })
    return deliveries
  } finally {
    await program.stop()
    server.closeAllConnections()
    server.close()
  }
}

/** Headers of HTTP itself, and the port, are the run's own. */
function deliveryOf(path: string, headers: Record<string, unknown>, body: string): Delivery {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-') || name === 'content-type')
  return {
    path,
    headers: Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
    body: JSON.parse(body),
  }
}
