// What ssh's or the router's last words mean for the householder, in English.
import { userInfo } from 'node:os'
import { type NamedRouter, routerName } from './ssh-address.ts'

export interface SshEnd {
  /** The last line that is worth telling. */
  words: string
  /** All lines that were kept, in order. */
  said: readonly string[]
  /** Exit status; null where a signal ended it. */
  code: number | null
  error: NodeJS.ErrnoException | null
}

/** The user whose keys and known hosts ssh uses: a service's is not the householder. */
export interface SshUser {
  name: string
  isService: boolean
}

export function thisUser(): SshUser {
  return { name: nameOfUser(), isService: process.env['INVOCATION_ID'] !== undefined }
}

function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? '')
  }
}

export function explainSsh(
  router: NamedRouter & { interfaceName: string },
  { words, said, code, error }: SshEnd,
  user: SshUser = thisUser(),
): string {
  const { host, interfaceName } = router
  if (error?.code === 'ENOENT')
    return 'ssh is not installed on this machine. Install it, such as with: sudo apt install openssh-client'
  if (error?.code === 'EMFILE' || error?.code === 'ENFILE')
    return 'ssh cannot start: too many files are open on this machine or in Telltale (ulimit -n). It is tried again.'
  const all = [...said, words].join('\n')
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/i.test(all))
    return changedKey(router, all, user)
  if (/Host key verification failed|host key is known/i.test(all))
    return `The host key of ${host} is not known to ${whoseKeys(user)}. Connect once by hand and compare the key with the router's: ${asUser(user)}ssh ${options(router)}${host}`
  if (/Permission denied/i.test(all))
    return `${host} does not accept the key of ${whoseKeys(user)}. Put its public key into the router's authorized keys (OpenWrt: System › Administration › SSH-Keys).`
  if (/Could not resolve|Name or service not known|Temporary failure in name resolution/i.test(words))
    return `The name ${host} is not known here. Write the router's address instead.`
  if (/refused|timed out|timeout|No route|unreachable|closed by|reset by|Broken pipe|not responding/i.test(words))
    return `${routerName(router)} cannot be reached over ssh (${words}). It is tried again.`
  if (code === 91)
    return `There is no tcpdump on ${host}. Install it there (OpenWrt: opkg install tcpdump-mini, or apk add tcpdump-mini).`
  if (code === 90)
    return `${host} does not tell its end of the ssh connection (SSH_CONNECTION), so that capturing would feed on itself.`
  if (/No such device|disappeared|not up|network is down/i.test(words))
    return `There is no interface ${interfaceName} on ${host} that is up (${words}). Capture begins as soon as there is.`
  return `Capture on ${host} stopped (${words === '' ? 'the connection ended' : words}). It is started again.`
}

/**
 * ssh names the command itself ("remove with: ssh-keygen -f … -R …"); an older one names only the file. The key is
 * never accepted by itself: who sits between could read what the router sends.
 */
function changedKey(router: NamedRouter, all: string, user: SshUser): string {
  const { host, port } = router
  const name = host.slice(host.indexOf('@') + 1)
  const named = /ssh-keygen -f ["']?([^"'\n]+?)["']? -R ["']?([^"'\n]+?)["']?\s*$/m.exec(all)
  const file = named?.[1] ?? /Offending .*key in ([^\n]+?):\d+\s*$/m.exec(all)?.[1] ?? null
  const entry = named?.[2] ?? (port === undefined ? name : `[${name}]:${port}`)
  const from = file === null ? '' : `-f '${file}' `
  return `The host key of ${host} has changed: the router was set up anew, or another machine answers in its place. If you know why, take the old key away and compare the new one: ${asUser(user)}ssh-keygen ${from}-R '${entry}', then ${asUser(user)}ssh ${options(router)}${host}`
}

function asUser({ name, isService }: SshUser): string {
  return isService ? `sudo -u ${name} ` : ''
}

function whoseKeys({ name, isService }: SshUser): string {
  return isService ? `the user ${name}, as whom the service runs` : `the user ${name}`
}

function options({ port }: NamedRouter): string {
  return port === undefined ? '' : `-p ${port} `
}
