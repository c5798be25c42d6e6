// Ways into the lab's router over ssh: OpenSSH's server and dropbear, with a key of the lab's own.
import type { ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:net'
import { HOME } from './addresses.ts'
import { ended, type Exporter, type LabSource } from './exporter.ts'
import { run, startIn } from './namespaces.ts'
import type { Lab } from './topology.ts'

/** The port of ssh, on an address of the router's each. */
const PORT = 22

const shared = { runsOn: 'box', tells: 'packets', families: [4, 6], tolerance: 0.005, toldWithin: 3 } as const

export const openSsh: LabSource = {
  ...shared,
  label: 'ssh-openssh',
  title: "tcpdump over OpenSSH's server",
  programs: { sshd: 'openssh-server', ssh: 'openssh-client', tcpdump: 'tcpdump' },
  argument: `ssh:root@${HOME.router}/br-lan`,
  environment: (lab) => clientOf(lab),
  start: startOpenSsh,
}

export const dropbear: LabSource = {
  ...shared,
  label: 'ssh-dropbear',
  title: 'tcpdump over dropbear',
  programs: { dropbear: 'dropbear-bin', ssh: 'openssh-client', tcpdump: 'tcpdump' },
  argument: `ssh:root@${HOME.router}/br-lan`,
  environment: (lab) => clientOf(lab),
  start: startDropbear,
}

function folderOf({ folder }: Lab): string {
  const path = join(folder, 'ssh')
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}

function makeKey(path: string): void {
  if (!existsSync(path)) run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', path])
}

/**
 * The environment of a Telltale whose ssh has the lab's key and knows the router. The user's own files are neither read
 * nor changed: a program called ssh, before the real one in PATH, names others.
 */
export function clientOf(lab: Lab): Record<string, string> {
  const folder = folderOf(lab)
  const programs = join(folder, 'bin')
  mkdirSync(programs, { recursive: true })
  const config = join(folder, 'config')
  writeFileSync(config, `IdentityFile ${join(folder, 'key')}\nUserKnownHostsFile ${join(folder, 'known_hosts')}\n`)
  const real = run('sh', ['-c', 'command -v ssh']).trim()
  const wrapper = join(programs, 'ssh')
  writeFileSync(wrapper, `#!/bin/sh\nexec ${real} -F ${config} "$@"\n`)
  chmodSync(wrapper, 0o755)
  return { PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` }
}

/** The router's key is told as the householder does: it is looked at once by hand. */
function writeKnownHosts(lab: Lab, hostKey: string): void {
  const [type, key] = run('ssh-keygen', ['-y', '-f', hostKey]).trim().split(' ')
  writeFileSync(join(folderOf(lab), 'known_hosts'), `${HOME.router} ${type} ${key}\n`)
}

async function startOpenSsh(lab: Lab): Promise<Exporter> {
  const folder = folderOf(lab)
  const [key, hostKey] = [join(folder, 'key'), join(folder, 'host')]
  makeKey(key)
  makeKey(hostKey)
  writeKnownHosts(lab, hostKey)
  const config = join(folder, 'sshd_config')
  const lines = [
    `ListenAddress ${HOME.router}`,
    `Port ${PORT}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${key}.pub`,
    `PidFile ${join(folder, 'sshd.pid')}`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'StrictModes no',
    'UsePAM no',
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  // Its folder without rights: Debian's unit makes it too.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const program = run('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin; command -v sshd']).trim()
  const child = startIn(lab.router, program, ['-D', '-f', config])
  await answers()
  return exporterOf(lab, child)
}

/** It reads the keys in the home folder alone: another is mounted over it, for this process only. */
async function startDropbear(lab: Lab): Promise<Exporter> {
  const folder = folderOf(lab)
  const [key, hostKey, dropbearKey] = [join(folder, 'key'), join(folder, 'host'), join(folder, 'dropbear')]
  makeKey(key)
  if (!existsSync(dropbearKey)) {
    run('dropbearkey', ['-t', 'ed25519', '-f', dropbearKey])
    run('dropbearconvert', ['dropbear', 'openssh', dropbearKey, `${hostKey}-of-dropbear`])
  }
  const line = run('dropbearkey', ['-y', '-f', dropbearKey])
    .split('\n')
    .find((text) => text.startsWith('ssh-'))
  const [type, publicKey] = (line ?? '').split(' ')
  writeFileSync(join(folder, 'known_hosts'), `${HOME.router} ${type} ${publicKey}\n`)
  const script = `mount -t tmpfs -o mode=700 none /root && mkdir -m 700 /root/.ssh &&
    cp ${key}.pub /root/.ssh/authorized_keys && chmod 600 /root/.ssh/authorized_keys &&
    exec dropbear -F -E -s -r ${dropbearKey} -P ${join(folder, 'dropbear.pid')} -p ${HOME.router}:${PORT}`
  const child = startIn(lab.router, 'sh', ['-c', script])
  await answers()
  return exporterOf(lab, child)
}

function exporterOf(lab: Lab, child: ChildProcess): Exporter {
  const endWith = (signal: NodeJS.Signals) => (): Promise<void> =>
    endWithSessions(lab, signal, () => ended(child, signal))
  return { pids: () => [child.pid as number], stop: endWith('SIGTERM'), kill: endWith('SIGKILL') }
}

/** A server of ssh leaves its sessions running when it ends. */
async function endWithSessions({ router }: Lab, signal: NodeJS.Signals, end: () => Promise<void>): Promise<void> {
  await end()
  const pids = run('ip', ['netns', 'pids', router]).split('\n').filter(Boolean).map(Number)
  for (const pid of pids) if (isSession(pid)) process.kill(pid, signal)
}

function isSession(pid: number): boolean {
  try {
    const name = run('cat', [`/proc/${pid}/comm`]).trim()
    return name === 'sshd' || name === 'dropbear' || name === 'sshd-session'
  } catch {
    return false
  }
}

/** Must be called in the router's namespace. */
async function answers(): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(PORT, HOME.router)
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('data', () => socket.destroy())
      setTimeout(() => socket.destroy(), 500).unref()
    })
    if (isOpen) return
    await sleep(50)
  }
  throw new Error(`Nobody answers at ${HOME.router}:${PORT}`)
}
