// The listener of datagrams: how it is written, whom it hears, and what happens where it cannot listen.
import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type ListenerDetails,
  MAX_SENDERS,
  parseListenerArgument,
  parseListenerLine,
  unreachableSentence,
} from '../../../capture/sources/listener-address.ts'
import { MAX_REFUSED_SENDERS, RefusedSenders } from '../../../capture/sources/refused-senders.ts'
import { readSocketDrops } from '../../../capture/sources/socket-drops.ts'
import { UdpListener } from '../../../capture/sources/udp-listener.ts'

const NETFLOW = { kind: 'netflow', title: 'NetFlow' }
const TZSP = { kind: 'tzsp', title: 'TZSP', defaultPort: 37_008 }
const OWN = ['127.0.0.1', '::1']
/** A busy machine takes its time. */
const patiently = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000 })
const HAS_IPV6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

describe('a line of Settings and an argument of --source', () => {
  test.each([
    ['2055', 'netflow:2055', '127.0.0.1', 2055, OWN],
    ['2055 from 192.168.1.1', 'netflow:2055,from=192.168.1.1', '127.0.0.1', 2055, ['192.168.1.1']],
    [
      '192.168.1.5:2055 from 192.168.1.1',
      'netflow:192.168.1.5:2055,from=192.168.1.1',
      '192.168.1.5',
      2055,
      ['192.168.1.1'],
    ],
    ['[fd00::5]:2055 from fd00::1', 'netflow:[fd00::5]:2055,from=fd00::1', 'fd00::5', 2055, ['fd00::1']],
    ['[FD00:0::5]:2055 from [FD00::0:1]', 'netflow:[FD00:0::5]:2055,from=[FD00::0:1]', 'fd00::5', 2055, ['fd00::1']],
    [
      '0.0.0.0:1 from 10.0.0.1,10.0.0.2 , fe80::1%eth0,10.0.0.1',
      'netflow:0.0.0.0:1,from=10.0.0.1+10.0.0.2+fe80::1%eth0+10.0.0.1',
      '0.0.0.0',
      1,
      ['10.0.0.1', '10.0.0.2', 'fe80::1%eth0'],
    ],
    ['[::]:65535 from ::ffff:10.0.0.1', 'netflow:[::]:65535,from=::ffff:10.0.0.1', '::', 65_535, ['10.0.0.1']],
    [
      '[fe80::5%eth0.7]:2055 from fe80::1',
      'netflow:[fe80::5%eth0.7]:2055,from=fe80::1',
      'fe80::5%eth0.7',
      2055,
      ['fe80::1'],
    ],
  ])('"%s" and "%s" name the same source', (line, argument, address, port, senders) => {
    const named = parseListenerLine(NETFLOW, line)
    expect(named).toMatchObject({ address, port, senders })
    expect(parseListenerArgument(NETFLOW, argument)).toEqual(named)
  })

  test.each([
    '',
    '0',
    '65536',
    '2055 from',
    '2055 from router',
    '2055 from router.lan',
    '2055 from 0.0.0.0',
    '2055 from ::',
    '2055 from 255.255.255.255',
    '2055 from 224.0.0.1',
    '2055 from ff02::1',
    '2055 from 192.168.1.0/24',
    '2055 from 192.168.1.1,',
    '2055 from 192.168.1.01',
    '2055 from fd00::1%eth0',
    '2055from 192.168.1.1',
    'localhost:2055',
    '192.168.1.5 from 192.168.1.1',
    '192.168.1.5:0 from 192.168.1.1',
    'fd00::5:2055 from fd00::1',
    '[fd00::5] 2055',
    '[192.168.1.5]:2055',
    '224.0.0.1:2055',
    '[ff02::1]:2055',
    '2055 from 192.168.1.1 and more',
    `2055 from ${Array.from({ length: MAX_SENDERS + 1 }, (_, index) => `10.0.0.${index + 1}`).join()}`,
  ])('"%s" names none', (line) => {
    expect(parseListenerLine(NETFLOW, line)).toBeNull()
    const argument = `netflow:${line.replace(/ from ?/, ',from=').replaceAll(', ', ',')}`
    expect(parseListenerArgument(NETFLOW, argument.replace(/(?<=from=.*),/g, '+'))).toBeNull()
  })

  test.each(['netflow', 'tzsp:2055', 'netflow:2055,to=10.0.0.1', 'netflow:2055,from=10.0.0.1,from=10.0.0.2'])(
    'the argument %s names none',
    (argument) => expect(parseListenerArgument(NETFLOW, argument)).toBeNull(),
  )

  test('may leave out a port that has a default', () => {
    expect(parseListenerLine(TZSP, 'from 192.168.88.1')).toMatchObject({ address: '127.0.0.1', port: 37_008 })
    expect(parseListenerLine(TZSP, '[fd00::5] from fd00::1')).toMatchObject({ address: 'fd00::5', port: 37_008 })
    expect(parseListenerArgument(TZSP, 'tzsp:10.0.0.5,from=10.0.0.1')).toMatchObject({ address: '10.0.0.5' })
    expect(parseListenerArgument(TZSP, 'tzsp:')).toMatchObject({ port: 37_008, senders: OWN })
    expect(parseListenerLine(TZSP, '')).toBeNull()
  })

  test('has an id of its own place, whoever may send, and a title that says both', () => {
    expect(parseListenerLine(NETFLOW, '[fd00::5]:2055 from fd00::1, fd00::2')).toMatchObject({
      id: 'netflow:[fd00::5]:2055',
      title: 'NetFlow on [fd00::5]:2055 from fd00::1, fd00::2',
    })
    expect(parseListenerLine(NETFLOW, '2055')).toMatchObject({
      id: 'netflow:127.0.0.1:2055',
      title: 'NetFlow on 127.0.0.1:2055',
    })
  })
})

describe('a place that no named sender reaches', () => {
  const own = ['127.0.0.1', '10.0.0.9', '192.168.1.5', 'fd00::5']
  const sentence = (line: string): string | null =>
    unreachableSentence(parseListenerLine(NETFLOW, line) as ListenerDetails, own)

  test('is said, with the address to write', () => {
    expect(sentence('2055 from 192.168.1.1')).toBe(
      'It listens on this machine alone (127.0.0.1): nothing of 192.168.1.1 can arrive. ' +
        'Write the address that 192.168.1.1 sends to, such as "192.168.1.5:2055 from 192.168.1.1".',
    )
    expect(sentence('[::1]:2055 from fd00::1')).toContain('"[fd00::5]:2055 from fd00::1"')
    expect(sentence('192.168.1.5:2055')).toContain('"192.168.1.5:2055 from 192.168.1.1"')
  })

  test.each(['2055', '192.168.1.5:2055 from 192.168.1.1', '0.0.0.0:2055', '2055 from 192.168.1.5'])(
    'is not "%s"',
    (line) => expect(sentence(line)).toBeNull(),
  )
})

describe('datagrams of others', () => {
  test('are counted by sender in bounded memory, whoever else sends', () => {
    const refused = new RefusedSenders()
    for (let index = 0; index < 412; index++) refused.count('192.168.1.7')
    for (let index = 0; index < 100_000; index++)
      refused.count(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`)
    expect(refused.kept).toHaveLength(MAX_REFUSED_SENDERS)
    expect(refused.kept[0]).toEqual(['192.168.1.7', 412])
    expect(refused.datagrams).toBe(100_412)
    expect(refused.sentence()).toMatch(
      /^412 datagrams from 192\.168\.1\.7, 1 from [\d.]+, 1 from [\d.]+ and 99998 from others were left out: they are not named\.$/,
    )
  })

  test('are said in a sentence for an hour', () => {
    const refused = new RefusedSenders()
    expect(refused.sentence()).toBeNull()
    refused.count('::ffff:192.168.1.7')
    expect(refused.sentence()).toBe('1 datagram from 192.168.1.7 was left out: it is not named.')
    refused.count('192.168.1.7')
    expect(refused.sentence()).toBe('2 datagrams from 192.168.1.7 were left out: it is not named.')
    expect(refused.sentence(performance.now() + 3_700_000)).toBeNull()
  })
})

describe('drops of the kernel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-proc-'))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('are those of the socket that is bound there', async () => {
    const head =
      '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n'
    const end = ' 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 '
    writeFileSync(join(folder, 'udp'), `${head} 1: 0100007F:0807${end}3\n 2: 0501A8C0:0807${end}17          \n`)
    writeFileSync(join(folder, 'udp6'), `${head} 1: 000000FD000000000000000005000000:0807${end}5\n`)
    expect(await readSocketDrops('127.0.0.1', 2055, folder)).toBe(3)
    expect(await readSocketDrops('192.168.1.5', 2055, folder)).toBe(17)
    expect(await readSocketDrops('fd00::5', 2055, folder)).toBe(5)
    expect(await readSocketDrops('127.0.0.1', 2056, folder)).toBeNull()
    expect(await readSocketDrops('127.0.0.1', 2055, join(folder, 'none'))).toBeNull()
  })
})

describe('the socket', () => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })

  async function bound(address: string, port = 0): Promise<Socket> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    await new Promise<void>((resolve) => socket.bind({ address, port }, resolve))
    open.push(() => new Promise<void>((resolve) => socket.close(() => resolve())).catch(() => {}))
    return socket
  }

  async function freePort(address = '127.0.0.1'): Promise<number> {
    const socket = await bound(address)
    const { port } = socket.address()
    open.pop()
    await new Promise<void>((resolve) => socket.close(() => resolve()))
    return port
  }

  interface Heard {
    listener: UdpListener
    heard: [text: string, sender: string][]
    said: string[]
  }

  function listen(details: ListenerDetails): Heard {
    const heard: Heard['heard'] = []
    const said: string[] = []
    const listener = new UdpListener(details, {
      onDatagram: (bytes, sender, at) => {
        expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(60)
        heard.push([bytes.toString(), sender])
      },
      onBound: () => said.push('bound'),
      onLost: () => said.push('lost'),
    })
    open.push(() => listener.stop())
    listener.start()
    return { listener, heard, said }
  }

  function send(socket: Socket, text: string, port: number, address = '127.0.0.1'): Promise<void> {
    return new Promise((resolve, reject) =>
      socket.send(text, port, address, (error) => (error === null ? resolve() : reject(error))),
    )
  }

  test('takes datagrams of the senders that are named, and counts those of others', async () => {
    const port = await freePort()
    const { listener, heard } = listen({ address: '127.0.0.1', port, senders: ['127.0.0.3'] })
    await patiently(() => expect(listener.status().state).toBe('running'))
    const named = await bound('127.0.0.3')
    const other = await bound('127.0.0.2')
    await send(other, 'one', port)
    await send(other, 'two', port)
    await send(named, 'three', port)
    await patiently(() => expect(heard).toEqual([['three', '127.0.0.3']]))
    expect(listener.status()).toEqual({
      state: 'running',
      datagrams: 1,
      refused: 2,
      dropped: 0,
      problem: '2 datagrams from 127.0.0.2 were left out: it is not named.',
    })
  })

  test.skipIf(!HAS_IPV6)('of IPv6 takes IPv4 senders as what they are', async () => {
    const port = await freePort()
    const { listener, heard } = listen({ address: '::', port, senders: ['127.0.0.3', '::1'] })
    await patiently(() => expect(listener.status().state).toBe('running'))
    await send(await bound('127.0.0.3'), 'four', port)
    await send(await bound('127.0.0.2'), 'other', port)
    await send(await bound('::1'), 'six', port, '::1')
    await patiently(() => expect(heard).toHaveLength(2))
    expect(heard).toEqual([
      ['four', '127.0.0.3'],
      ['six', '::1'],
    ])
    expect(listener.refused.kept).toEqual([['127.0.0.2', 1]])
  })

  test('whose port is in use says so, and listens once it is free', async () => {
    const holder = await bound('127.0.0.1')
    const { port } = holder.address()
    const { listener, heard, said } = listen({ address: '127.0.0.1', port, senders: ['127.0.0.1'] })
    await patiently(() => expect(listener.status().state).toBe('failed'))
    expect(listener.status().problem).toBe(
      `UDP port ${port} of 127.0.0.1 is in use by another program (which one: sudo ss -ulpn sport = ${port}). It is tried again.`,
    )
    await new Promise<void>((resolve) => holder.close(() => resolve()))
    open.shift()
    await patiently(() => expect(listener.status()).toMatchObject({ state: 'running', problem: null }))
    await send(await bound('127.0.0.1'), 'again', port)
    await patiently(() => expect(heard).toHaveLength(1))
    expect(said).toEqual(['bound'])
  })

  test('of an address that is not this machine’s says which it has', async () => {
    const port = await freePort()
    const { listener } = listen({ address: '192.0.2.77', port, senders: ['192.0.2.1'] })
    await patiently(() => expect(listener.status().state).toBe('failed'))
    expect(listener.status().problem).toMatch(
      /^This machine has no address 192\.0\.2\.77 \(it has .*127\.0\.0\.1.*\)\. It is tried again\.$/,
    )
  })

  test('counts what the kernel dropped, and nothing is unaccounted for', async () => {
    const port = await freePort()
    const { listener } = listen({ address: '127.0.0.1', port, senders: ['127.0.0.1'] })
    await patiently(() => expect(listener.status().state).toBe('running'))
    const sender = await bound('127.0.0.1')
    await new Promise<void>((resolve) => sender.connect(port, '127.0.0.1', () => resolve()))
    const datagram = Buffer.alloc(1400)
    const sent = 12_000
    let finished = 0
    // All in one go: the listener, in this process, takes none meanwhile.
    for (let index = 0; index < sent; index++) sender.send(datagram, () => finished++)
    await patiently(() => expect(finished).toBe(sent))
    await patiently(async () => {
      await listener.askForDrops()
      const { datagrams, dropped } = listener.status()
      expect(datagrams + dropped).toBe(sent)
    })
    const { dropped, problem } = listener.status()
    expect(dropped).toBeGreaterThan(0)
    expect(problem).toContain(`The kernel dropped ${dropped} datagrams`)
  })

  test('is free again once it is stopped', async () => {
    const port = await freePort()
    const { listener } = listen({ address: '127.0.0.1', port, senders: ['127.0.0.1'] })
    await patiently(() => expect(listener.status().state).toBe('running'))
    await listener.stop()
    expect(listener.status().state).toBe('off')
    expect((await bound('127.0.0.1', port)).address().port).toBe(port)
  })
})
