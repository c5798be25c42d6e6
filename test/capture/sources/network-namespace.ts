// Network namespaces for tests of live capture, where this machine permits them.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Null where namespaces can be made; else why not. */
export function whyNoNamespaces(...programs: string[]): string | null {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const program of ['ip', 'tcpdump', ...programs])
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`
  const name = `tt-probe-${process.pid}`
  const made = spawnSync('ip', ['netns', 'add', name]).status === 0
  if (made) spawnSync('ip', ['netns', 'del', name])
  return made ? null : 'this machine does not let us make network namespaces'
}

/** Two namespaces with a cable between them: 10.99.0.1 on "far", 10.99.0.2 on "near", each end called "cable". */
export class Cable {
  readonly folder = mkdtempSync(join(tmpdir(), 'telltale-net-'))
  readonly near = `tt-near-${process.pid}`
  readonly far = `tt-far-${process.pid}`

  constructor() {
    for (const name of [this.near, this.far]) {
      run('ip', 'netns', 'add', name)
      run('ip', '-n', name, 'link', 'set', 'lo', 'up')
    }
    this.plug()
  }

  plug(): void {
    run('ip', '-n', this.far, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', this.near)
    for (const [name, address] of [
      [this.far, '10.99.0.1/24'],
      [this.near, '10.99.0.2/24'],
    ] as const) {
      // Neighbour discovery and the like would be packets that no test sent.
      run('ip', 'netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.cable.disable_ipv6=1')
      run('ip', '-n', name, 'addr', 'add', address, 'dev', 'cable')
      run('ip', '-n', name, 'link', 'set', 'cable', 'up')
    }
  }

  unplug(): void {
    run('ip', '-n', this.far, 'link', 'del', 'cable')
  }

  /** A program that runs `program` in a namespace under its own process id. */
  wrapper(namespace: string, program: string): string {
    const path = join(this.folder, `${program}-${namespace}`)
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${namespace} ${program} "$@"\n`)
    chmodSync(path, 0o755)
    return path
  }

  /** Sends datagrams of one byte from "far" to a port of "near". */
  send(count: number, port = 9999): void {
    run(
      'ip',
      'netns',
      'exec',
      this.far,
      'bash',
      '-c',
      `for i in $(seq ${count}); do printf x >/dev/udp/10.99.0.2/${port}; done 2>/dev/null; true`,
    )
  }

  /** Sends as many datagrams of 1200 bytes as fast as one process can. */
  flood(count: number, port = 9999): void {
    const program = `const socket = require('dgram').createSocket('udp4'), bytes = Buffer.alloc(1200); let left = ${count}
      const some = () => { const now = Math.min(left, 500); let open = now; left -= now
        for (let i = 0; i < now; i++) socket.send(bytes, ${port}, '10.99.0.2', () => { if (--open === 0) left > 0 ? setImmediate(some) : socket.close() }) }
      some()`
    run('ip', 'netns', 'exec', this.far, process.execPath, '-e', program)
  }

  remove(): void {
    for (const name of [this.near, this.far]) spawnSync('ip', ['netns', 'del', name])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export function run(command: string, ...options: string[]): string {
  return execFileSync(command, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Process ids of our children that run the program. */
export function childrenNamed(program: string): number[] {
  const path = `/proc/${process.pid}/task/${process.pid}/children`
  const children = existsSync(path)
    ? readFileSync(path, 'utf8')
        .trim()
        .split(' ')
        .filter((word) => word !== '')
        .map(Number)
    : []
  return children.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === program
    } catch {
      return false
    }
  })
}

/** Waits until `isTrue`; throws where it does not come true. */
export async function until(isTrue: () => boolean, what: string, withinMs = 40_000): Promise<void> {
  for (const end = Date.now() + withinMs; !isTrue();) {
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
