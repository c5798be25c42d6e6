// The lab's network: devices on a router's bridge, the cloud behind the router, and nothing else.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLOUD, cloudHosts, HOME, HOME6, WAN } from './addresses.ts'
import { folderOf, ipIn, makeNamespace, namespaceOf, run, setIn } from './namespaces.ts'
import { type DevicePlan, hasIpv6 } from './plan.ts'

/**
 * Counts what is forwarded, per address and family, as soon as its first packet comes; and what should not be there at
 * all. Kernels may show what the bridge passes on by itself here too (br_netfilter): both interfaces are named.
 */
const NFT = `
table inet lab {
  counter from_router { }
  counter elsewhere { }
  set up4 { type ipv4_addr; flags dynamic; counter; }
  set down4 { type ipv4_addr; flags dynamic; counter; }
  set up6 { type ipv6_addr; flags dynamic; counter; }
  set down6 { type ipv6_addr; flags dynamic; counter; }
  chain forward {
    type filter hook forward priority 0;
    iifname "br-lan" oifname "wan" add @up4 { ip saddr counter }
    iifname "br-lan" oifname "wan" add @up6 { ip6 saddr counter }
    iifname "wan" oifname "br-lan" add @down4 { ip daddr counter }
    iifname "wan" oifname "br-lan" add @down6 { ip6 daddr counter }
    oifname "wan" ip daddr != { ${CLOUD.network}, 198.51.100.0/24 } counter name elsewhere
  }
  chain output {
    type filter hook output priority 0;
    oifname "wan" ip daddr != { ${CLOUD.network}, 198.51.100.0/24 } counter name elsewhere
    oifname "wan" ip protocol { tcp, udp } counter name from_router
    oifname "wan" ip6 nexthdr { tcp, udp } counter name from_router
  }
}
table ip lab_nat {
  chain post {
    type nat hook postrouting priority 100;
    oifname "wan" masquerade
  }
}
`

export interface Lab {
  owner: number
  folder: string
  router: string
  cloud: string
  devices: readonly DevicePlan[]
}

export function namespaceOfDevice(owner: number, { label }: DevicePlan): string {
  return namespaceOf(owner, label)
}

export function describeLab(owner: number, devices: readonly DevicePlan[]): Lab {
  return {
    owner,
    folder: folderOf(owner),
    router: namespaceOf(owner, 'router'),
    cloud: namespaceOf(owner, 'cloud'),
    devices,
  }
}

/** Makes namespaces, cables, rules and configuration files. No program runs in them yet. */
export function buildLab(lab: Lab): void {
  mkdirSync(lab.folder, { recursive: true, mode: 0o755 })
  makeNamespace(lab.router)
  makeNamespace(lab.cloud)
  // Their addresses are used at once. The devices' are tried first (RFC 4862 section 5.4), as at home.
  for (const namespace of [lab.router, lab.cloud]) setIn(namespace, 'net.ipv6.conf.default.accept_dad', 0)
  wireRouter(lab)
  wireCloud(lab)
  for (const device of lab.devices) plugIn(lab, device)
  run('ip', ['netns', 'exec', lab.router, 'nft', '-f', '-'], NFT)
  writeDnsmasqConfiguration(lab)
  writeCertificate(lab)
  writeDhcpScript(lab)
}

function wireRouter({ router, cloud }: Lab): void {
  ipIn(router, 'link add br-lan type bridge forward_delay 0')
  // The home's addresses stay when the bridge is taken down and up.
  setIn(router, 'net.ipv6.conf.br-lan.keep_addr_on_down', 1)
  ipIn(router, `addr add ${HOME.router}/24 dev br-lan`)
  ipIn(router, `addr add ${HOME6.router}/64 dev br-lan`)
  ipIn(router, 'link set br-lan up')
  ipIn(router, `link add wan type veth peer name wan netns ${cloud}`)
  ipIn(router, `addr add ${WAN.router}/24 dev wan`)
  ipIn(router, `addr add ${WAN.router6}/64 dev wan`)
  likeOnAWire(router, 'wan')
  likeOnAWire(cloud, 'wan')
  ipIn(router, 'link set wan up')
  ipIn(cloud, 'link set wan up')
  ipIn(cloud, `addr add ${WAN.cloud}/24 dev wan`)
  ipIn(cloud, `addr add ${WAN.cloud6}/64 dev wan`)
  ipIn(router, `route add default via ${WAN.cloud}`)
  ipIn(router, `-6 route add default via ${WAN.cloud6}`)
  setIn(router, 'net.ipv4.ip_forward', 1)
  setIn(router, 'net.ipv6.conf.all.forwarding', 1)
}

/** The cloud is every address of the documentation networks, and has no way on. */
function wireCloud({ cloud }: Lab): void {
  ipIn(cloud, `route add local ${CLOUD.network} dev lo`)
  ipIn(cloud, `-6 route add local ${CLOUD.network6} dev lo`)
  // A QUIC server takes one address for its own.
  setIn(cloud, 'net.ipv6.ip_nonlocal_bind', 1)
  ipIn(cloud, `-6 route add ${HOME6.network} via ${WAN.router6}`)
}

function plugIn({ owner, router }: Lab, device: DevicePlan): void {
  const namespace = namespaceOfDevice(owner, device)
  makeNamespace(namespace)
  ipIn(router, `link add port-${device.label} type veth peer name eth0 netns ${namespace}`)
  ipIn(namespace, `link set eth0 address ${device.mac}`)
  ipIn(router, `link set port-${device.label} master br-lan`)
  likeOnAWire(router, `port-${device.label}`)
  likeOnAWire(namespace, 'eth0')
  ipIn(router, `link set port-${device.label} up`)
  // The device brings its own end up when it is switched on, and asks for a router at once.
  if (hasIpv6(device)) setIn(namespace, 'net.ipv6.conf.eth0.router_solicitation_delay', 0)
  else setIn(namespace, 'net.ipv6.conf.eth0.disable_ipv6', 1)
}

/** Packets as they go over a cable, not in pieces of 64 KB. */
function likeOnAWire(namespace: string, name: string): void {
  ipIn(namespace, `link set ${name} gso_max_segs 1`)
}

function writeDnsmasqConfiguration({ folder, devices }: Lab): void {
  const lines = [
    // The only DNS there is: no other server is asked.
    'no-resolv',
    'no-hosts',
    'keep-in-foreground',
    'user=root',
    'interface=br-lan',
    'bind-dynamic',
    'no-ping',
    'dhcp-authoritative',
    'domain=lan',
    `dhcp-range=${HOME.first},${HOME.last},12h`,
    `dhcp-option=option:router,${HOME.router}`,
    'dhcp-range=::,constructor:br-lan,ra-only,64',
    'enable-ra',
    `dhcp-leasefile=${join(folder, 'leases')}`,
    'log-queries=extra',
    `log-facility=${join(folder, 'dnsmasq.log')}`,
    `pid-file=${join(folder, 'dnsmasq.pid')}`,
    ...cloudHosts(devices).map(({ host, ipv4, ipv6 }) => `host-record=${host},${ipv4},${ipv6}`),
  ]
  writeFileSync(dnsmasqConfiguration(folder), `${lines.join('\n')}\n`)
}

export function dnsmasqConfiguration(folder: string): string {
  return join(folder, 'dnsmasq.conf')
}

export function certificate(folder: string): { key: string; certificate: string } {
  return { key: join(folder, 'cloud.key'), certificate: join(folder, 'cloud.pem') }
}

/** One certificate for all names of the cloud, which the devices trust. */
function writeCertificate({ folder, devices }: Lab): void {
  const { key, certificate: path } = certificate(folder)
  const names = cloudHosts(devices)
    .map(({ host }) => `DNS:${host}`)
    .join(',')
  if (names === '') return
  run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Lab',
    '-addext',
    `subjectAltName=${names}`,
    '-keyout',
    key,
    '-out',
    path,
  ])
}

export function dhcpScript(folder: string): string {
  return join(folder, 'udhcpc.sh')
}

/** What a DHCP client does with its lease: takes the address and reports it to its parent. */
function writeDhcpScript({ folder }: Lab): void {
  const path = dhcpScript(folder)
  writeFileSync(
    path,
    `#!/bin/sh
case "$1" in
  bound|renew)
    ip addr replace "$ip/$mask" dev "$interface"
    ip route replace default via "$router"
    echo "LEASE $ip $dns"
    ;;
esac
`,
    { mode: 0o755 },
  )
  appendFileSync(join(folder, 'leases'), '')
}
