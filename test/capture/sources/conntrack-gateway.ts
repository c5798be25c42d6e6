// A gateway that counts its connections, a device behind it and a server before it: network namespaces with address
// translation.
import { spawn, type ChildProcess, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, until } from './network-namespace.ts'

export const DEVICE = '192.168.50.10'
export const GATEWAY = '192.168.50.1'
export const SERVER = '203.0.113.10'
const SSH_PORT = 2_222

const RULES = `table ip nat {
  chain post {
    type nat hook postrouting priority 100
    oifname "wan" masquerade
  }
}
table inet counts {
  counter up { }
  counter down { }
  chain pass {
    type filter hook forward priority 0
    iifname "lan" counter name up
    iifname "wan" counter name down
  }
}
`

export class Gateway {
  readonly folder = mkdtempSync(join(tmpdir(), 'telltale-gw-'))
  readonly home = `tt-home-${process.pid}`
  readonly gateway = `tt-gate-${process.pid}`
  readonly internet = `tt-out-${process.pid}`
  private readonly children: ChildProcess[] = []

  constructor() {
    for (const name of [this.home, this.gateway, this.internet]) {
      run('ip', 'netns', 'add', name)
      run('ip', '-n', name, 'link', 'set', 'lo', 'up')
      // Neighbour discovery and the like would be packets that no test sent.
      run('ip', 'netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1')
    }
    this.cable('lan', `${GATEWAY}/24`, this.home, `${DEVICE}/24`)
    this.cable('wan', '198.51.100.2/24', this.internet, '198.51.100.1/24')
    run('ip', '-n', this.internet, 'addr', 'add', `${SERVER}/32`, 'dev', 'e0')
    run('ip', '-n', this.home, 'route', 'add', 'default', 'via', GATEWAY)
    run('ip', '-n', this.gateway, 'route', 'add', 'default', 'via', '198.51.100.1')
    this.set('net.ipv4.ip_forward', 1)
    this.set('net.netfilter.nf_conntrack_acct', 1)
    this.inGateway('nft', '-f', this.file('rules', RULES))
  }

  /** One of the gateway's settings of the kernel. */
  set(name: string, value: number): void {
    this.inGateway('sysctl', '-qw', `${name}=${value}`)
  }

  inGateway(command: string, ...options: string[]): string {
    return run('ip', 'netns', 'exec', this.gateway, command, ...options)
  }

  /** Bytes of IP that nft counted: up, from the device, and down. */
  counted(): { up: number; down: number } {
    const text = this.inGateway('nft', 'list', 'counters', 'table', 'inet', 'counts')
    const bytes = (name: string): number => Number(new RegExp(`${name} \\{[^}]*bytes (\\d+)`).exec(text)?.[1])
    return { up: bytes('up'), down: bytes('down') }
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  /** A program that runs `script` of sh in a namespace, with the caller's words behind it. */
  wrapper(namespace: string, name: string, script: string): string {
    const path = this.file(name, `#!/bin/sh\nexec ip netns exec ${namespace} ${script} "$@"\n`)
    chmodSync(path, 0o755)
    return path
  }

  /** A server that answers each connection's bytes with `down` bytes, then ends it where it `ends`. */
  async serve(port: number, down: number, ends = true): Promise<void> {
    const program = `require('net').createServer((socket) => { socket.on('error', () => {}); let sent = false; socket.on('data', () => { if (sent) return; sent = true
      socket.write(Buffer.alloc(${down})); if (${ends}) socket.end() }) }).listen(${port}, '${SERVER}')`
    this.children.push(this.start(this.internet, program))
    const isOpen = ['exec', this.internet, 'bash', '-c', `exec 3<>/dev/tcp/${SERVER}/${port}`]
    await until(() => spawnSync('ip', ['netns', ...isOpen], { stdio: 'ignore' }).status === 0, 'the server')
  }

  /** The device sends `up` bytes to the server, the first of which are `first`, and reads what comes until the end. */
  talk(port: number, up: number, first = Buffer.alloc(0)): void {
    const program = `const socket = require('net').connect(${port}, '${SERVER}'); socket.resume(); socket.on('error', () => {}); socket.on('close', () => process.exit(0))
      socket.write(Buffer.concat([Buffer.from('${first.toString('hex')}', 'hex'), Buffer.alloc(${Math.max(0, up - first.length)})]))`
    run('ip', 'netns', 'exec', this.home, process.execPath, '-e', program)
  }

  /** The device sends `bytes` bytes each tenth of a second, in one connection, until `stop`. */
  drip(port: number, bytes: number): ChildProcess {
    const program = `const socket = require('net').connect(${port}, '${SERVER}'); socket.resume(); socket.on('error', () => {}); setInterval(() => socket.write(Buffer.alloc(${bytes})), 100)`
    const child = this.start(this.home, program)
    this.children.push(child)
    return child
  }

  /** An ssh server on the gateway for this test's own key; resolves to what ssh needs to reach it. */
  async startSsh(): Promise<string[]> {
    const path = (name: string): string => join(this.folder, name)
    if (!existsSync(path('host'))) {
      for (const name of ['host', 'user']) run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path(name))
      this.file('authorized', readFileSync(path('user.pub'), 'utf8'))
      this.file('known', `[${GATEWAY}]:${SSH_PORT} ${readFileSync(path('host.pub'), 'utf8')}`)
      mkdirSync('/run/sshd', { recursive: true })
    }
    const settings = [
      'PidFile=none',
      'StrictModes=no',
      'UsePAM=no',
      'PermitRootLogin=yes',
      `AuthorizedKeysFile=${path('authorized')}`,
    ]
    const options = ['-D', '-e', '-f', '/dev/null', '-h', path('host'), '-p', String(SSH_PORT)]
    const words = [...options, ...settings.flatMap((setting) => ['-o', setting])]
    spawn('ip', ['netns', 'exec', this.gateway, '/usr/sbin/sshd', ...words], { stdio: 'ignore' })
    const answers = [
      'netns',
      'exec',
      this.home,
      'bash',
      '-c',
      `exec 3<>/dev/tcp/${GATEWAY}/${SSH_PORT}; head -c 4 <&3 >/dev/null`,
    ]
    await until(() => spawnSync('ip', answers, { stdio: 'ignore' }).status === 0, 'the ssh server')
    const files = [`UserKnownHostsFile=${path('known')}`, 'GlobalKnownHostsFile=/dev/null']
    return ['-F', '/dev/null', '-p', String(SSH_PORT), '-i', path('user'), ...files.flatMap((file) => ['-o', file])]
  }

  /** The ssh server and its connections are gone. */
  stopSsh(): void {
    this.inGateway(
      'bash',
      '-c',
      `for p in $(ip netns pids ${this.gateway}); do grep -q '^sshd' /proc/$p/comm && kill -9 $p; done; true`,
    )
  }

  stopPrograms(): void {
    for (const child of this.children.splice(0)) child.kill('SIGKILL')
  }

  remove(): void {
    this.stopPrograms()
    this.stopSsh()
    for (const name of [this.home, this.gateway, this.internet]) spawnSync('ip', ['netns', 'del', name])
    rmSync(this.folder, { recursive: true, force: true })
  }

  private start(namespace: string, program: string): ChildProcess {
    return spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', program], { stdio: 'ignore' })
  }

  private cable(link: string, address: string, other: string, otherAddress: string): void {
    run('ip', '-n', this.gateway, 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'e0', 'netns', other)
    for (const [name, end, own] of [
      [this.gateway, link, address],
      [other, 'e0', otherAddress],
    ] as const) {
      run('ip', '-n', name, 'addr', 'add', own, 'dev', end)
      run('ip', '-n', name, 'link', 'set', end, 'up')
    }
  }
}
