// Exporters of flow records on the lab's router: softflowd and pmacct (pmacctd with nfprobe) to Telltale in the box.
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOME } from './addresses.ts'
import { BOX_ADDRESS } from './box.ts'
import { ended, type Exporter, type LabSource } from './exporter.ts'
import { run, startIn } from './namespaces.ts'
import { descendantsOf } from './process-cpu.ts'
import type { Lab } from './topology.ts'

export const FLOW_PORT = 2055
/** A flow that goes on is told of each so many seconds, and an ended or a silent one after so many. */
const LONGEST_SECONDS = 10
const IDLE_SECONDS = 5
/** How often the exporter looks for such flows. */
const LOOKS_EVERY = 2

const argument = `netflow:${BOX_ADDRESS}:${FLOW_PORT},from=${HOME.router}`

type Version = 5 | 9 | 10

const titleOf = (version: Version): string => (version === 10 ? 'IPFIX' : `NetFlow v${version}`)

/** Nothing of the exporter's own datagrams is told of. */
const FILTER = `not (udp and dst port ${FLOW_PORT})`

export function softflowd(version: Version): LabSource {
  return {
    ...flowSource(version),
    label: `softflowd-v${version}`,
    title: `${titleOf(version)} of softflowd`,
    programs: { softflowd: 'softflowd' },
    start: (lab) => startSoftflowd(lab, version),
  }
}

export function pmacctd(version: Version): LabSource {
  return {
    ...flowSource(version),
    label: `pmacct-v${version}`,
    title: `${titleOf(version)} of pmacct`,
    programs: { pmacctd: 'pmacct' },
    start: (lab) => startPmacctd(lab, version),
  }
}

function flowSource(version: Version): Omit<LabSource, 'label' | 'title' | 'programs' | 'start'> {
  return {
    runsOn: 'box',
    argument,
    tells: 'flow records',
    // Version 5 has no room for an address of IPv6.
    families: version === 5 ? [4] : [4, 6],
    tolerance: 0,
    toldWithin: LONGEST_SECONDS + IDLE_SECONDS + 2 * LOOKS_EVERY,
    // An exporter may have nothing to tell for as long.
    gapAfter: 60,
  }
}

async function startSoftflowd(lab: Lab, version: Version): Promise<Exporter> {
  const control = join(lab.folder, 'softflowd.ctl')
  rmSync(control, { force: true })
  const timeouts = [
    ['maxlife', LONGEST_SECONDS],
    ['expint', LOOKS_EVERY],
    ['general', IDLE_SECONDS],
    ['tcp', IDLE_SECONDS],
    ['tcp.fin', IDLE_SECONDS],
    ['tcp.rst', IDLE_SECONDS],
    ['udp', IDLE_SECONDS],
    ['icmp', IDLE_SECONDS],
  ].flatMap(([name, seconds]) => ['-t', `${name}=${seconds}`])
  const words = ['-d', '-i', 'br-lan', '-v', String(version), '-n', `${BOX_ADDRESS}:${FLOW_PORT}`, '-c', control]
  // Ethernet's addresses, where the version has room for them.
  const level = version === 5 ? ['-T', 'full'] : ['-6', '-T', 'ether']
  const child = startIn(lab.router, 'softflowd', [
    ...words,
    '-p',
    join(lab.folder, 'softflowd.pid'),
    ...level,
    ...timeouts,
    FILTER,
  ])
  await isThere(control)
  return {
    pids: () => [child.pid as number],
    push: pushPackets,
    flush: async () => void run('softflowctl', ['-c', control, 'expire-all']),
    stop: () => ended(child),
    kill: () => ended(child, 'SIGKILL'),
  }
}

const DISCARD_PORT = 9
const PUSHED_DATAGRAMS = 4000
const PUSHED_BYTES = 1400

/**
 * softflowd opens libpcap without a time limit: the kernel hands packets over when a block of its ring is full, and the
 * last ones wait for the next ones. This sends some from the router to the box, which are not forwarded.
 */
async function pushPackets(): Promise<void> {
  const socket = createSocket('udp4')
  const bytes = Buffer.alloc(PUSHED_BYTES)
  for (let sent = 0; sent < PUSHED_DATAGRAMS; sent++)
    await new Promise<void>((resolve) => socket.send(bytes, DISCARD_PORT, BOX_ADDRESS, () => resolve()))
  socket.close()
}

async function startPmacctd(lab: Lab, version: Version): Promise<Exporter> {
  const path = join(lab.folder, 'pmacctd.conf')
  const pidFile = join(lab.folder, 'pmacctd.pid')
  rmSync(pidFile, { force: true })
  const idle = ['tcp', 'tcp.rst', 'tcp.fin', 'udp', 'icmp', 'general'].map((name) => `${name}=${IDLE_SECONDS}`)
  const aggregate = 'src_host, dst_host, src_port, dst_port, proto, tos'
  const lines = [
    'daemonize: false',
    `pidfile: ${pidFile}`,
    'pcap_interface: br-lan',
    `pcap_filter: ${FILTER}`,
    'plugins: nfprobe',
    `nfprobe_receiver: ${BOX_ADDRESS}:${FLOW_PORT}`,
    `nfprobe_version: ${version}`,
    `nfprobe_timeouts: ${idle.join(':')}:maxlife=${LONGEST_SECONDS}:expint=${LOOKS_EVERY}`,
    `aggregate: ${version === 5 ? aggregate : `src_mac, dst_mac, ${aggregate}`}`,
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  const child = spawn('ip', ['netns', 'exec', lab.router, 'pmacctd', '-f', path], { stdio: 'ignore' })
  await isThere(pidFile)
  return {
    pids: () => [child.pid as number],
    stop: () => ended(child, 'SIGINT'),
    // Its plugin is a process of its own.
    kill: () => killTree(child),
  }
}

async function killTree(child: ChildProcess): Promise<void> {
  const below = descendantsOf(child.pid as number)
  await ended(child, 'SIGKILL')
  for (const pid of below) process.kill(pid, 'SIGKILL')
}

async function isThere(path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (existsSync(path)) return
    await sleep(50)
  }
  throw new Error(`${path} did not come about in 5 s`)
}
