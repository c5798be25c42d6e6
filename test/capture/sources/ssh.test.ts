// The source "ssh": names of routers, the script that runs there, and what ssh's words mean.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTable } from '../../../capture/sources/own-connections.ts'
import { parseRouterName, routerName } from '../../../capture/sources/ssh-address.ts'
import { routerScript, streamEnds } from '../../../capture/sources/ssh-script.ts'
import { explainSsh, type SshUser } from '../../../capture/sources/ssh-words.ts'
import { source } from '../../../capture/sources/ssh.ts'

describe('the name of a router', () => {
  test.each([
    ['root@192.168.1.1', { host: 'root@192.168.1.1' }],
    ['openwrt', { host: 'openwrt' }],
    ['root@192.168.1.1:2222', { host: 'root@192.168.1.1', port: 2222 }],
    ['openwrt.lan:22', { host: 'openwrt.lan', port: 22 }],
    ['root@[fd00::1]:2222', { host: 'root@fd00::1', port: 2222 }],
    ['root@[fd00::1]', { host: 'root@fd00::1' }],
    ['fd00::1', { host: 'fd00::1' }],
    ['root@fe80::1%eth0', { host: 'root@fe80::1%eth0' }],
  ])('%s is read with its port', (text, named) => expect(parseRouterName(text)).toEqual(named))

  test.each([
    'root@',
    '-oProxyCommand=x',
    'a b',
    'root@192.168.1.1:0',
    'root@192.168.1.1:70000',
    '[router]:22',
    'x;y',
    '',
  ])('"%s" is none', (text) => expect(parseRouterName(text)).toBeNull())

  test.each(['root@192.168.1.1:2222', 'root@[fd00::1]:2222', 'openwrt'])('%s is written as it is read', (text) => {
    expect(routerName(parseRouterName(text) as { host: string })).toBe(text)
  })

  test('a line of Settings and --source name the same router, and what names had before stays', () => {
    expect(source.parseLine('root@192.168.1.1:2222 br-lan')).toEqual(
      source.parseArgument('ssh:root@192.168.1.1:2222/br-lan'),
    )
    expect(source.parseLine('root@192.168.1.1 br-lan')?.id).toBe('ssh:root@192.168.1.1/br-lan')
    expect(source.parseLine('root@192.168.1.1:99999 br-lan')).toBeNull()
  })
})

const SHELLS = ['sh', 'dash', 'bash --posix', 'busybox sh'].filter((shell) => {
  const [command = '', ...options] = shell.split(' ')
  return spawnSync(command, [...options, '-c', 'exit 0']).status === 0
})

describe.each(SHELLS)('the script on the router, in %s', (shell) => {
  let folder = ''
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'telltale-router-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function program(name: string, text: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }

  /** The filter that tcpdump is started with. */
  function filterOf(connection: string, ends: string): string {
    const [command = '', ...options] = shell.split(' ')
    program('tcpdump', `for last; do :; done; case " $* " in *" -d "*) exit 0;; esac; echo "$last" > ${folder}/filter`)
    program(
      'ip',
      "printf '1: lo    inet 127.0.0.1/8 scope host lo\\n2: br-lan    inet 192.168.1.1/24 brd x\\n2: br-lan    inet6 fd00::1/64 scope global\\n'",
    )
    program(
      'netstat',
      "printf 'tcp 0 0 0.0.0.0:2222 0.0.0.0:* LISTEN 812/dropbear\\ntcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN 9/uhttpd\\n'",
    )
    // Open for writing as well, so that it does not end: its end ends the capture.
    const pipe = join(folder, 'stdin')
    execFileSync('mkfifo', [pipe])
    const stdin = openSync(pipe, 'r+')
    try {
      writeSync(stdin, `${ends}\n`)
      execFileSync(command, [...options, '-c', routerScript('br-lan')], {
        env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, SSH_CONNECTION: connection },
        stdio: [stdin, 'ignore', 'ignore'],
      })
    } finally {
      closeSync(stdin)
      rmSync(pipe)
    }
    return readFileSync(join(folder, 'filter'), 'utf8').trim()
  }

  test('leaves out ssh from and to the router under each of its addresses, and all of Telltale and the router', () => {
    const filter = filterOf('192.168.1.7 50000 192.168.1.1 22', '')
    const inner =
      'tcp and (((port 22 or port 2222) and (host 192.168.1.7 or host 192.168.1.1 or host 192.168.1.1 or host fd00::1)) or (host 192.168.1.7 and (host 192.168.1.1 or host 192.168.1.1 or host fd00::1)))'
    expect(filter).toBe(`not ((${inner}) or (vlan and ${inner}))`)
  })

  test('leaves out the connection to a jump host on its own port', () => {
    const filter = filterOf(
      '::ffff:192.168.1.9 50000 ::ffff:192.168.1.1 22',
      streamEnds([{ address: '192.168.1.9', port: 2022 }]),
    )
    expect(filter).toContain('(port 22 or port 2022 or port 2222) and (host 192.168.1.9 or host 192.168.1.9 or')
  })

  test('takes the zone off a link-local address', () => {
    expect(filterOf('fe80::7%br-lan 50000 fe80::1%br-lan 22', '')).toContain('host fe80::7 or host fe80::1')
  })
})

describe("ssh's far ends", () => {
  const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
  const line = (remote: string, state: string, inode: string): string =>
    `   0: 0742A8C0:C350 ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0`

  test('are read from the kernel, of its own sockets, established and not on this machine', () => {
    const text = [
      HEAD,
      line('0101A8C0:0016', '01', '77'),
      line('0201A8C0:0016', '01', '78'),
      line('0301A8C0:0016', '06', '77'),
      line('0100007F:0016', '01', '77'),
    ].join('\n')
    expect(readTable(text, new Set(['77']))).toEqual([{ address: '192.168.1.1', port: 22 }])
  })

  test('are read of IPv6, and IPv4 within it', () => {
    const six = '000000FD000000000000000001000000:08AE'
    const mapped = '0000000000000000FFFF00000101A8C0:0016'
    const text = [HEAD, line(six, '01', '77'), line(mapped, '01', '77')].join('\n')
    expect(readTable(text, new Set(['77']))).toEqual([
      { address: 'fd00:0:0:0:0:0:0:1', port: 2222 },
      { address: '192.168.1.1', port: 22 },
    ])
  })
})

describe('what ssh says', () => {
  const router = { host: 'root@192.168.1.1', interfaceName: 'br-lan' }
  const person: SshUser = { name: 'anna', isService: false }
  const service: SshUser = { name: 'telltale', isService: true }
  const explain = (said: string[], user = person, more: { port?: number; code?: number } = {}): string =>
    explainSsh({ ...router, ...more }, { words: said.at(-1) ?? '', said, code: more.code ?? 255, error: null }, user)

  const CHANGED = [
    '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @',
    'Offending ED25519 key in /home/anna/.ssh/known_hosts:3',
    '  remove with:',
    '  ssh-keygen -f "/home/anna/.ssh/known_hosts" -R "[192.168.1.1]:2222"',
    'Host key for [192.168.1.1]:2222 has changed and you have requested strict checking.',
    'Host key verification failed.',
  ]

  test('of a changed host key becomes the command that takes the old one away, and is not said to be unknown', () => {
    const sentence = explain(CHANGED, person, { port: 2222 })
    expect(sentence).toMatch(/host key of root@192\.168\.1\.1 has changed/)
    expect(sentence).toContain(
      "ssh-keygen -f '/home/anna/.ssh/known_hosts' -R '[192.168.1.1]:2222', then ssh -p 2222 root@192.168.1.1",
    )
  })

  test('of a service is a command as its user', () => {
    expect(explain(CHANGED, service)).toContain('sudo -u telltale ssh-keygen -f')
    expect(explain(['No ED25519 host key is known for x', 'Host key verification failed.'], service)).toContain(
      'sudo -u telltale ssh root@192.168.1.1',
    )
  })

  test('of a changed key without the command names the file it is in', () => {
    const said = CHANGED.filter((line) => !/remove with|ssh-keygen/.test(line))
    expect(explain(said)).toContain("ssh-keygen -f '/home/anna/.ssh/known_hosts' -R '192.168.1.1'")
  })

  test('of an unknown host key asks to connect once by hand', () => {
    const said = ['No ED25519 host key is known for [192.168.1.1]:2222 and you have requested strict checking.']
    expect(explain(said, person, { port: 2222 })).toMatch(
      /not known to the user anna\. Connect once by hand .*: ssh -p 2222 root@192\.168\.1\.1$/,
    )
  })

  test.each([
    [['root@192.168.1.1: Permission denied (publickey).'], /does not accept the key of the user anna/],
    [['ssh: connect to host 192.168.1.1 port 22: Connection refused'], /cannot be reached over ssh/],
    [['Timeout, server 192.168.1.1 not responding.'], /cannot be reached over ssh/],
    [['ssh: Could not resolve hostname openwrt: Name or service not known'], /Write the router's address/],
  ])('%j becomes a sentence that says what to do', (said, sentence) => expect(explain(said)).toMatch(sentence))
})
