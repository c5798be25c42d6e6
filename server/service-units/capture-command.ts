// The command "capture": hands the packets of one interface to whoever may open its socket. The capture unit runs it.
import { parseArgs } from 'node:util'
import { serveCapture } from '../../capture/sources/capture-socket.ts'
import { isInterfaceName } from '../../capture/sources/interfaces.ts'
import { forbidCoreDumps } from './process-limits.ts'

/** Runs until it is asked to stop. Returns 2 with one sentence where it cannot start. */
export async function captureCommand(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args, options: { interface: { type: 'string' }, socket: { type: 'string' } } })
    const { interface: interfaceName = '', socket = '' } = values
    if (!isInterfaceName(interfaceName))
      throw new Error(`--interface ${interfaceName}: this is no name of an interface`)
    if (!socket.startsWith('/')) throw new Error(`--socket ${socket}: write the absolute path of the socket`)
    forbidCoreDumps()
    const server = await serveCapture(socket, interfaceName)
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
    })
    server.close()
    // Captures that still run end with their connections, and those with this process.
    setImmediate(() => process.exit(0))
    return 0
  } catch (error) {
    console.error(`telltale: ${error instanceof Error ? error.message : String(error)}`)
    return 2
  }
}
