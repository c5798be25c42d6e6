// Which sources did the owner choose, in Settings or on the command line?
import { isAbsolute } from 'node:path'
import { isInterfaceName } from '../../capture/sources/interfaces.ts'
import type { DnsLogFormat, LiveSourcePlan } from '../model/source-plan.ts'

/** Section "sources" of the settings. */
export interface ChosenSources {
  /** Names of this machine's interfaces. */
  interfaces: string[]
  /** "root@192.168.1.1 br-lan" */
  routers: string[]
  /** Folders of rotated captures. */
  folders: string[]
  /** "dnsmasq /var/log/dnsmasq.log" */
  dnsLogs: string[]
  /** Ids of sources that are named, here or on the command line, and switched off. */
  off: string[]
}

const ROUTER = /^((?:[\w.-]{1,64}@)?[\w][\w.:%-]{0,254})[ /]([\w.:@+][\w.:@+-]{0,14})$/
/** The words of Settings and of the command line: which format, and its name for people. */
const DNS_LOGS: Readonly<Record<string, [DnsLogFormat, string]>> = {
  dnsmasq: ['dnsmasq', "dnsmasq's log"],
  pihole: ['pihole', "Pi-hole's log"],
  'pihole-ftl': ['pihole-ftl', "Pi-hole's database"],
  unbound: ['unbound', "unbound's log"],
  bind: ['bind', "BIND's query log"],
  zeek: ['zeek', "Zeek's log"],
  adguard: ['adguard-home', "AdGuard Home's log"],
  'adguard-home': ['adguard-home', "AdGuard Home's log"],
}
const COMMAND_LINE =
  'Write --source as an interface (eth0), ssh:root@192.168.1.1/br-lan, folder:/path, socket:/path, dns:dnsmasq:/path, or - for standard input'

/** Those of the command line, then in the order of Settings, each once; the sample plays where the list is empty. */
export function plansOf(
  commandLine: LiveSourcePlan[],
  { interfaces, routers, folders, dnsLogs, off }: ChosenSources,
): LiveSourcePlan[] {
  const named = [
    ...commandLine,
    ...interfaces.map(planOfInterface),
    ...routers.map(planOfRouter),
    ...folders.map(planOfFolder),
    ...dnsLogs.map(planOfDnsLog),
  ]
  const single = named.filter(({ id }, place) => named.findIndex((other) => other.id === id) === place)
  return single.map((plan) => (off.includes(plan.id) ? { ...plan, isOff: true } : plan))
}

/** Throws a sentence for the person where the text names no source. */
export function planOfArgument(text: string): LiveSourcePlan {
  if (text === '-') return { id: 'stdin', title: 'Standard input', kind: 'stdin' }
  const [kind = '', ...rest] = text.split(':')
  const what = rest.join(':')
  if (kind === 'ssh' && isRouter(what)) return planOfRouter(what)
  if (kind === 'folder' && isAbsolute(what)) return planOfFolder(what)
  if (kind === 'dns' && isDnsLog(what.replace(':', ' '))) return planOfDnsLog(what.replace(':', ' '))
  if (kind === 'socket' && isAbsolute(what))
    return { id: text, title: 'Capture service', kind: 'socket', path: what, interface: 'the capture service' }
  if (isInterfaceName(text)) return planOfInterface(text)
  throw new Error(`--source ${text} names no source. ${COMMAND_LINE}`)
}

export function isRouter(text: string): boolean {
  return ROUTER.test(text)
}

/** "FORMAT PATH", such as "dnsmasq /var/log/dnsmasq.log". */
export function isDnsLog(text: string): boolean {
  const [word = '', ...path] = text.split(' ')
  return Object.hasOwn(DNS_LOGS, word) && isAbsolute(path.join(' '))
}

function planOfDnsLog(text: string): LiveSourcePlan {
  const [word = '', ...rest] = text.split(' ')
  const path = rest.join(' ')
  const [format, title] = DNS_LOGS[word] as [DnsLogFormat, string]
  return { id: `dns:${word}:${path}`, title: `${title} (${path})`, kind: 'dns-log', format, path }
}

function planOfInterface(name: string): LiveSourcePlan {
  return { id: `interface:${name}`, title: name, kind: 'interface', interface: name }
}

function planOfRouter(text: string): LiveSourcePlan {
  const [, host = '', interfaceName = ''] = ROUTER.exec(text) ?? []
  return {
    id: `ssh:${host}/${interfaceName}`,
    title: `${interfaceName} on ${host}`,
    kind: 'ssh',
    router: { host, interfaceName },
  }
}

function planOfFolder(folder: string): LiveSourcePlan {
  return { id: `folder:${folder}`, title: folder, kind: 'folder', folder }
}
