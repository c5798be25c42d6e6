// The process that runs the lab's programs in the router's namespace: cloud, dnsmasq, devices, nft's counters.
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cloudHosts } from './addresses.ts'
import type { Answer, Lease, OrderWords } from './messages.ts'
import { run, startIn, startScript } from './namespaces.ts'
import { whatDevicesShow, type Shown } from './shown.ts'
import { certificate, dhcpScript, dnsmasqConfiguration, namespaceOfDevice, type Lab } from './topology.ts'
import type { DevicePlan } from './plan.ts'

const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** A file of this many bytes is what QUIC servers give. */
const QUIC_FILE_BYTES = 250_000

export interface Device {
  plan: DevicePlan
  order<Result>(words: OrderWords): Promise<Result>
  lease: Lease | null
}

export interface RunningLab {
  lab: Lab
  devices: Device[]
  /** Bytes forwarded so far from and to a device's addresses, all that it ever had. */
  forwarded(plan: DevicePlan): Shown
  /**
   * Packets that left the router itself (from_router: none should, but for ICMP), or went where nothing is (elsewhere).
   */
  astray(): { fromRouter: number; elsewhere: number }
  end(): void
}

/** Starts cloud, DHCP and DNS, and the devices' processes, which stay switched off. */
export async function startLab(lab: Lab, quicPrograms: boolean): Promise<RunningLab> {
  const children: ChildProcess[] = [
    ...startCloudQuic(lab, quicPrograms),
    startIn(lab.router, 'dnsmasq', ['-C', dnsmasqConfiguration(lab.folder)]),
  ]
  const { key, certificate: path } = certificate(lab.folder)
  const cloud = startScript(lab.cloud, beside('cloud.ts'), [
    JSON.stringify({
      key,
      certificate: path,
      hosts: cloudHosts(lab.devices).map(({ host }) => host),
      echoes: echoesOf(lab, quicPrograms),
    }),
  ])
  children.push(cloud)
  await new Promise<void>((resolve, reject) => {
    cloud.once('message', () => resolve())
    cloud.once('exit', (code) => reject(new Error(`The cloud ended with code ${code}`)))
  })
  const devices = lab.devices.map((plan) => {
    const { device, child } = startDevice(lab, plan, quicPrograms)
    children.push(child)
    return device
  })
  return {
    lab,
    devices,
    forwarded: (plan) => whatDevicesShow(lab, plan),
    astray: () => astray(lab),
    end: () => {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}

function echoesOf({ devices }: Lab, quicPrograms: boolean): { address: string; port: number; family: 4 | 6 }[] {
  const hosts = new Map(cloudHosts(devices).map((host) => [host.host, host]))
  return devices
    .flatMap(({ habits }) => habits)
    .filter(({ via }) => via === 'udp' || (via === 'quic' && !quicPrograms))
    .map(({ host, port, family }) => {
      const { ipv4, ipv6 } = hosts.get(host) as { ipv4: string; ipv6: string }
      return { address: family === 4 ? ipv4 : ipv6, port, family }
    })
}

function startCloudQuic({ folder, cloud, devices }: Lab, quicPrograms: boolean): ChildProcess[] {
  if (!quicPrograms) return []
  const { key, certificate: path } = certificate(folder)
  const documents = join(folder, 'quic')
  mkdirSync(documents)
  writeFileSync(join(documents, 'body'), Buffer.alloc(QUIC_FILE_BYTES, 0x60))
  const hosts = new Map(cloudHosts(devices).map((host) => [host.host, host]))
  return devices
    .flatMap(({ habits }) => habits)
    .filter(({ via }) => via === 'quic')
    .flatMap(({ host, port }) => {
      const { ipv4, ipv6 } = hosts.get(host) as { ipv4: string; ipv6: string }
      // The client takes either: it looks the name up itself.
      return [ipv4, ipv6].map((address) =>
        startIn(cloud, 'gtlsserver', ['-q', '-d', documents, address, String(port), key, path]),
      )
    })
}

function startDevice(lab: Lab, plan: DevicePlan, quicPrograms: boolean): { device: Device; child: ChildProcess } {
  const life = {
    plan,
    folder: lab.folder,
    dhcpScript: dhcpScript(lab.folder),
    certificate: certificate(lab.folder).certificate,
    quicPrograms,
  }
  const child = startScript(namespaceOfDevice(lab.owner, plan), beside('device.ts'), [JSON.stringify(life)])
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.on('exit', () => {
    for (const [id, resolve] of waiting) resolve({ id, error: `${plan.label} ended` })
  })
  const device: Device = {
    plan,
    lease: null,
    order: (words) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, (answer) =>
          'error' in answer ? reject(new Error(answer.error)) : resolve(answer.result as never),
        )
        child.send({ ...words, id })
      }),
  }
  return { device, child }
}

function astray({ router }: Lab): { fromRouter: number; elsewhere: number } {
  const { nftables } = JSON.parse(run('ip', ['netns', 'exec', router, 'nft', '-j', 'list', 'counters'])) as {
    nftables: { counter?: { name: string; packets: number } }[]
  }
  const packets = (name: string): number =>
    nftables.find(({ counter }) => counter?.name === name)?.counter?.packets ?? Number.NaN
  return { fromRouter: packets('from_router'), elsewhere: packets('elsewhere') }
}

/** The lines that dnsmasq wrote, for whoever looks for a mistake. */
export function dnsmasqLog({ folder }: Lab): string {
  return readFileSync(join(folder, 'dnsmasq.log'), 'utf8')
}
