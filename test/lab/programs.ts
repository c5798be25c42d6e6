// The programs that the lab needs, and the message where they are missing.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NEEDED: Record<string, string> = {
  ip: 'iproute2',
  nft: 'nftables',
  dnsmasq: 'dnsmasq-base',
  udhcpc: 'udhcpc',
  tcpdump: 'tcpdump',
  openssl: 'openssl',
}

/** A root's own folders are not in everybody's PATH. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']

export function has(program: string): boolean {
  return FOLDERS.some((folder) => folder !== '' && existsSync(join(folder, program)))
}

/** One sentence; null where the lab can be built. */
export function whatIsMissing(): string | null {
  if (process.platform !== 'linux') return 'The lab needs Linux: it is built of network namespaces.'
  if (process.getuid?.() !== 0) return 'The lab needs root: it makes network namespaces. Try: sudo npm run lab'
  const missing = Object.entries(NEEDED).filter(([program]) => !has(program))
  if (missing.length === 0) return null
  return `The lab needs ${missing.map(([program]) => program).join(', ')}: apt-get install ${missing.map(([, packageName]) => packageName).join(' ')}`
}

/**
 * Debian's QUIC programs, built on ngtcp2. Without them real Initial datagrams are sent to a server that only echoes.
 */
export function hasQuicPrograms(): boolean {
  return has('gtlsclient') && has('gtlsserver')
}

export const NO_QUIC_PROGRAMS =
  'No QUIC programs here (apt-get install ngtcp2-client ngtcp2-server): the phone sends QUIC Initials only.'
