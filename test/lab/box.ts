// A second machine of the lab's home: a box on the router's bridge with its own address, in which Telltale can run.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, connect, type Server } from 'node:net'
import { join } from 'node:path'
import { HOME } from './addresses.ts'
import { ipIn, makeNamespace, namespaceOf, setIn } from './namespaces.ts'
import type { Lab } from './topology.ts'

/** Outside of what DHCP gives. */
export const BOX_ADDRESS = HOME.router.replace(/\d+$/, '2')
export const BOX_MAC = '02:77:7e:11:0b:02'

export function boxOf(lab: Lab): string {
  return namespaceOf(lab.owner, 'box')
}

/** Has to be done before a namespace is entered: one that is made within another is not seen outside. */
export function plugInBox(lab: Lab): void {
  const box = boxOf(lab)
  makeNamespace(box)
  ipIn(lab.router, `link add port-box type veth peer name eth0 netns ${box}`)
  ipIn(box, `link set eth0 address ${BOX_MAC}`)
  setIn(box, 'net.ipv6.conf.eth0.disable_ipv6', 1)
  ipIn(lab.router, 'link set port-box master br-lan')
  ipIn(lab.router, 'link set port-box up')
  ipIn(box, `addr add ${BOX_ADDRESS}/24 dev eth0`)
  ipIn(box, 'link set eth0 up')
  ipIn(box, `route add default via ${HOME.router}`)
}

/** A port of this namespace's loopback that leads to the same port of the loopback of another. */
export interface Relay {
  close(): void
}

/** A Unix socket is not bound to a network namespace: a process on the other side hands on what comes through it. */
const FAR_SIDE = `
const { createServer, connect } = require('node:net')
const [, path, port] = process.argv
createServer((near) => {
  const far = connect(Number(port), '127.0.0.1')
  near.on('error', () => far.destroy()).on('close', () => far.destroy())
  far.on('error', () => near.destroy()).on('close', () => near.destroy())
  near.pipe(far).pipe(near)
}).listen(path, () => process.stdout.write('ready'))
`

export async function openRelay(lab: Lab, namespace: string, port: number): Promise<Relay> {
  const path = join(lab.folder, `relay-${port}.sock`)
  const far = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', FAR_SIDE, path, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    far.stdout.once('data', () => resolve())
    far.once('exit', (code) => reject(new Error(`The relay to ${namespace} ended with code ${code}`)))
  })
  const near = createServer((client) => {
    const through = connect(path)
    client.on('error', () => through.destroy()).on('close', () => through.destroy())
    through.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.pipe(through).pipe(client)
  })
  await new Promise<void>((resolve) => near.listen(port, '127.0.0.1', resolve))
  return { close: () => endRelay(near, far) }
}

function endRelay(near: Server, far: ChildProcess): void {
  near.close()
  far.kill('SIGKILL')
}
