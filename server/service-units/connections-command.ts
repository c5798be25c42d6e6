// The command "connections": hands the connections of this machine, and packets that its firewall logs for names, to
// whoever may open its sockets. The conntrack unit runs it.
import type { Server } from 'node:net'
import { isAbsolute, join } from 'node:path'
import { parseArgs } from 'node:util'
import { serveCapture } from '../../capture/sources/capture-socket.ts'
import { CONNECTIONS_SOCKET, NAMES_SOCKET, serveConnections } from '../../capture/sources/connection-socket.ts'
import { explainConntrack } from '../../capture/sources/conntrack.ts'
import { forbidCoreDumps } from './process-limits.ts'
import { ServiceNotifier } from './service-notifier.ts'

/** Runs until it is asked to stop. Returns 2 with one sentence where it cannot start. */
export async function connectionsCommand(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args, options: { folder: { type: 'string' }, names: { type: 'string' } } })
    const { folder = '', names } = values
    if (!isAbsolute(folder)) throw new Error(`--folder ${folder}: write the absolute path of the folder of the sockets`)
    const group = names === undefined ? null : groupOf(names)
    forbidCoreDumps()
    const servers: Server[] = [
      await serveConnections(join(folder, CONNECTIONS_SOCKET), (words, code, error) =>
        explainConntrack({ host: null, group }, words, code, error),
      ),
    ]
    if (group !== null) servers.push(await serveCapture(join(folder, NAMES_SOCKET), `nflog:${group}`))
    const notifier = new ServiceNotifier({
      isAlive: () => true,
      say: (sentence) => console.error(`telltale: ${sentence}`),
    })
    await notifier.ready()
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
    })
    await notifier.stopping()
    for (const server of servers) server.close()
    // What still runs ends with its connection, and those with this process.
    setImmediate(() => process.exit(0))
    return 0
  } catch (error) {
    console.error(`telltale: ${error instanceof Error ? error.message : String(error)}`)
    return 2
  }
}

/** A group of NFLOG, as --names gives it. Throws a sentence where it is none. */
export function groupOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new Error(`--names ${text}: write the number of a group of NFLOG, from 0 to 65535`)
  return Number(text)
}
