// Ports of the devices in flow records, as the packet core notes those of packets.
import { PORT_SERVED, PORT_TO_HOME, PORT_TO_INTERNET } from '../../capture/core/constants.ts'
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../capture/decode.ts'
import type { LogConnection } from '../../capture/logs/record.ts'
import type { PortTable } from './port-table.ts'

/** Systems give ports from here on to whoever asks (Linux, RFC 6056): they name no service. */
const FIRST_EPHEMERAL = 32_768
/** Asked for by everything, so that they say nothing of a device: names and web pages. */
const COMMON: readonly number[] = [53, 80, 443]

/**
 * Notes which port one end asked for, and that the other one answered from it. `client` and `server` are the bindings
 * of who sent and who received; below 0 where that is not at home.
 */
export function notePortsOfFlow(ports: PortTable, flow: LogConnection, client: number, server: number): void {
  const { protocol, clientPort, serverPort } = flow
  const port = Math.min(clientPort, serverPort)
  if ((protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_UDP) || clientPort === serverPort) return
  if (port === 0 || port >= FIRST_EPHEMERAL) return
  const isAnswer = clientPort < serverPort
  const [asking, asked] = isAnswer ? [server, client] : [client, server]
  const isUdp = protocol === PROTOCOL_UDP
  if (isAnswer && asked >= 0) ports.note(asked, PORT_SERVED, isUdp, port)
  if (asking < 0 || (asked < 0 && COMMON.includes(port))) return
  ports.note(asking, asked < 0 ? PORT_TO_INTERNET : PORT_TO_HOME, isUdp, port)
}
