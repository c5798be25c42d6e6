// The command line does what its help says, and reports every mistake in one sentence.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { LINK_TYPE, pcapFile, pcapngFile } from '../../../server/sample/packets/pcap-writer.ts'
import { CAMERA, dnsAnswerA, dnsQuery, ipLength, ROUTER, SERVER, tcpIn, tcpOut, tlsHello } from '../engine/lab.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { multicastMac } from '../../../server/sample/packets/addresses.ts'
import { dhcp, DHCP_OPTION, DHCP_MESSAGE } from '../../../server/sample/packets/dhcp-builder.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'

const cli = join(import.meta.dirname, '../../../dist/cli.js')
const folder = mkdtempSync(join(tmpdir(), 'telltale-cli-'))

const frames = [
  dnsQuery(CAMERA, 'api.example.com'),
  dnsAnswerA(CAMERA, 'api.example.com', SERVER),
  tcpOut(CAMERA, SERVER, { payload: tlsHello('api.example.com') }),
  tcpIn(CAMERA, SERVER),
]
const packets = frames.map((bytes, index) => ({ seconds: 1_767_600_000 + index, bytes }))
const capture = pcapFile({}, packets)

function run(args: string[], { cwd = folder, environment = {} } = {}): SpawnSyncReturns<string> {
  const inherited = { ...process.env }
  delete inherited['INIT_CWD']
  return spawnSync(process.execPath, [cli, ...args], { cwd, encoding: 'utf8', env: { ...inherited, ...environment } })
}

function analyze(file: string, ...more: string[]): Analysis {
  const { status, stdout, stderr } = run(['analyze', file, '--json', ...more])
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Analysis
}

function write(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes)
  return name
}

/** Fails with status 2 and says why in one sentence on stderr, nothing on stdout. */
function expectRefusal({ status, stdout, stderr }: SpawnSyncReturns<string>, sentence: string | RegExp): void {
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/^telltale: .*\n$/)
  expect(stderr).toMatch(sentence)
}

beforeAll(() => {
  write('capture.pcap', capture)
  mkdirSync(join(folder, 'inner'))
  writeFileSync(join(folder, 'inner', 'other.pcap'), pcapFile({}, packets.slice(0, 1)))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('telltale analyze --setting', () => {
  const loud = [
    ...frames,
    ...Array.from({ length: 1_500 }, () => tcpOut(CAMERA, SERVER, { payload: new Uint8Array(1_400) })),
  ]
  const kinds = (...settings: string[]): string[] =>
    analyze('loud.pcap', ...settings.flatMap((setting) => ['--setting', setting])).alerts.map(({ kind }) => kind)
  beforeAll(
    () =>
      void write(
        'loud.pcap',
        pcapFile(
          {},
          loud.map((bytes, index) => ({ seconds: 1_767_600_000 + Math.floor(index / 200), bytes })),
        ),
      ),
  )

  test('tries settings of alerts by their own names', () => {
    expect(kinds()).toEqual([])
    expect(kinds('largeUploadMegabytes=1')).toEqual(['large-upload'])
    expect(kinds('largeUploadMegabytes=1', 'largeUpload=false')).toEqual([])
    expect(kinds('quietHours=Mo-Su 00:00-24:00', 'quietFloorMegabytes=1')).toEqual(['quiet-hours'])
    expect(run(['analyze', 'loud.pcap', '--setting', 'largeUploadMegabytes=1']).stdout).toMatch(
      /Stood out:\n {2}2026-01-05T\S+ {2}.* sent \S+ MB to .* within \d+ \w+; more than a device of this kind should ever send/,
    )
  })

  test.each([
    ['largeUploadMegabytes', 'write it like'],
    ['nonsense=1', 'nonsense'],
    ['largeUploadMegabytes=much', 'alerts.largeUploadMegabytes'],
    ['learningDays=-1', 'home.learningDays'],
    ['quietHours=sometimes', 'alerts.quietHours'],
    ['__proto__=1', '__proto__'],
  ])('refuses %s in one sentence', (setting, sentence) => {
    expectRefusal(run(['analyze', 'loud.pcap', '--json', '--setting', setting]), new RegExp(sentence))
  })
})

describe('telltale', () => {
  test.each([[[]], [['help']], [['--help']], [['-h']]])('%j prints the help', (args) => {
    const { status, stdout, stderr } = run(args)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('telltale analyze FILE')
  })

  test('an unknown command is refused by name', () => {
    expectRefusal(run(['analyse']), '"analyse"')
  })
})

describe('telltale analyze refuses, with status 2 and one sentence,', () => {
  test('a missing file', () => {
    expectRefusal(run(['analyze', 'nowhere.pcap']), /nowhere\.pcap: there is no such file/)
  })

  test('a folder', () => {
    expectRefusal(run(['analyze', 'inner']), /inner: this is a folder/)
  })

  test('no file at all, and two files', () => {
    expectRefusal(run(['analyze']), /name one capture file/)
    expectRefusal(run(['analyze', 'a.pcap', 'b.pcap']), /name one capture file/)
  })

  test('an option that it does not have', () => {
    expectRefusal(run(['analyze', 'capture.pcap', '--xml']), /--xml/)
  })

  test('a home that is no network', () => {
    expectRefusal(run(['analyze', 'capture.pcap', '--home', '192.168.1.0/40']), /"192\.168\.1\.0\/40" is no network/)
  })

  test.each([
    ['an empty file', new Uint8Array(0), /empty/],
    ['two bytes', Uint8Array.of(0xd4, 0xc3), /./],
    ['text', text('hello, this is no capture at all'), /no capture: it starts with 68 65 6c 6c/],
    ['a file header that is cut off', capture.subarray(0, 20), /ends inside its header, after 20 of 24 bytes/],
    ['a Solaris snoop file', text('snoop\0\0\0............'), /snoop/],
    ['a zip archive', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0), /zip archive/],
    ['gzipped text', gzipSync(text('hello, this is no capture at all')), /no capture/],
    ['gzip that is cut off behind its header', gzipSync(capture).subarray(0, 12), /./],
    [
      'a first record of four gigabytes',
      Uint8Array.from([...capture.subarray(0, 32), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
      /4294967295 bytes/,
    ],
  ])('%s', (name, bytes, sentence) => {
    expectRefusal(run(['analyze', write(`${name.replaceAll(' ', '-')}.pcap`, bytes)]), sentence)
  })
})

describe('telltale analyze', () => {
  test('reads FILE relative to where the person stands when npm runs it elsewhere', () => {
    const { status, stdout } = run(['analyze', 'other.pcap', '--json'], {
      cwd: tmpdir(),
      environment: { INIT_CWD: join(folder, 'inner') },
    })
    expect(status).toBe(0)
    expect((JSON.parse(stdout) as Analysis).capture).toMatchObject({ file: 'other.pcap', packets: 1 })
  })

  test('reads an absolute path whatever INIT_CWD says', () => {
    expect(run(['analyze', join(folder, 'capture.pcap')], { environment: { INIT_CWD: '/' } }).status).toBe(0)
  })

  test('a capture with a header and no packets has no devices, and status 0', () => {
    expect(analyze(write('none.pcap', capture.subarray(0, 24)))).toMatchObject({
      capture: { packets: 0, first: null, last: null, problems: [] },
      devices: [],
      coverage: { share: 0, attributed: 0, likely: 0, by: {} },
    })
  })

  test('what can be read of a capture that is cut off is read, and the cut is listed', () => {
    const analysis = analyze(write('cut.pcap', capture.subarray(0, capture.length - 10)))
    expect(analysis.capture.packets).toBe(3)
    expect(analysis.capture.problems).toEqual([
      {
        packet: 4,
        offset: capture.length - 16 - frames[3].length,
        message: `cut off after ${frames[3].length - 10} of ${frames[3].length} bytes`,
      },
    ])
    expect(analysis.devices[0]?.endpoints[0]?.host).toBe('api.example.com')
  })

  test('damage in the middle is listed and what came before it counts', () => {
    const damaged = Uint8Array.from(capture)
    damaged.fill(0xff, 24 + 16 + frames[0].length + 8, 24 + 16 + frames[0].length + 12)
    const analysis = analyze(write('damaged.pcap', damaged))
    expect(analysis.capture.packets).toBe(1)
    expect(analysis.capture.problems).toHaveLength(1)
    expect(analysis.capture.problems[0]).toMatchObject({ packet: 2, offset: 24 + 16 + frames[0].length })
  })

  test('a link type that it does not read is a problem, not a failure', () => {
    const analysis = analyze(write('wifi.pcap', pcapFile({ linkType: LINK_TYPE.usb }, packets)))
    expect(analysis.capture).toMatchObject({ packets: 4, ipPackets: 0, linkTypes: [LINK_TYPE.usb] })
    expect(analysis.capture.problems[0]?.message).toMatch(/^4 packets of .* counted but not read$/)
  })

  test('gzipped and pcapng captures give the same devices', () => {
    const plain = analyze('capture.pcap').devices
    expect(analyze(write('capture.pcap.gz', gzipSync(capture))).devices).toEqual(plain)
    const blocks = [
      { kind: 'interface' as const, interface: {} },
      ...packets.map((packet) => ({ kind: 'packet' as const, packet })),
    ]
    const analysis = analyze(write('capture.pcapng', pcapngFile({ blocks })))
    expect(analysis.capture.format).toBe('pcapng')
    expect(analysis.devices).toEqual(plain)
  })

  test('a capture without times says none', () => {
    const blocks = [
      { kind: 'interface' as const, interface: {} },
      ...frames.map((bytes) => ({ kind: 'simple' as const, bytes })),
    ]
    const { capture: facts, devices } = analyze(write('timeless.pcapng', pcapngFile({ blocks })))
    expect([facts.packets, facts.first, facts.last]).toEqual([4, null, null])
    expect(devices[0]?.endpoints[0]).toMatchObject({ host: 'api.example.com', first: null, last: null })
  })

  test('--home replaces what is at home, and may be given more than once', () => {
    expect(analyze('capture.pcap', '--home', '203.0.113.0/24').devices.map(({ addresses }) => addresses)).toEqual([
      [SERVER],
    ])
    expect(
      analyze('capture.pcap', '--home', '192.168.0.0/16', '--home', 'fd00::/8').devices.map(
        ({ addresses }) => addresses,
      ),
    ).toEqual([[CAMERA.address], [ROUTER.address]])
  })

  test('the table shows devices, hosts and how they are known', () => {
    const sent = ipLength(frames[2])
    const { status, stdout, stderr } = run(['analyze', 'capture.pcap'])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('capture.pcap: pcap, 4 packets, 2026-01-05T08:00:00.000Z to 2026-01-05T08:00:03.000Z')
    expect(stdout).toContain(`2 devices; ${sent} B sent to the internet, 40 B received`)
    expect(stdout).toMatch(new RegExp(` {4}api\\.example\\.com +↑ +${sent} B +↓ +40 B .*\\(tls\\)`))
    expect(stdout).toMatch(/Named: 100\.0 % of the bytes/)
  })

  test('names off the wire are escaped in the table: nothing reaches the terminal that it would obey', () => {
    const hostile = '\u001b]0;owned\u0007\u001b[2Jcam\u202e\u2028\u009b31m\r\nDevice'
    const ask = dhcp({
      message: DHCP_MESSAGE.request,
      transaction: 1,
      clientMac: CAMERA.mac,
      options: [[DHCP_OPTION.hostName, text(hostile)]],
    })
    const query = dns({ type: 'query', id: 1, questions: [{ name: '\u001b[31mevil\u202e.example', type: 'A' }] })
    const announce = dns({
      type: 'response',
      id: 0,
      answers: [{ name: '\u001b[41mtv.local', type: 'A', ttl: 1, data: ROUTER.address }],
    })
    const answer = dnsAnswerA(CAMERA, '\u001b[32mspoof\u202e.example', SERVER)
    const bytes = [
      udpFrame({
        sourceMac: CAMERA.mac,
        destinationMac: ROUTER.mac,
        source: CAMERA.address,
        destination: ROUTER.address,
        sourcePort: 68,
        destinationPort: 67,
        payload: ask,
      }),
      udpFrame({
        sourceMac: CAMERA.mac,
        destinationMac: ROUTER.mac,
        source: CAMERA.address,
        destination: ROUTER.address,
        sourcePort: 5,
        destinationPort: 53,
        payload: query,
      }),
      udpFrame({
        sourceMac: ROUTER.mac,
        destinationMac: multicastMac('224.0.0.251'),
        source: ROUTER.address,
        destination: '224.0.0.251',
        sourcePort: 5353,
        destinationPort: 5353,
        payload: announce,
      }),
      answer,
      tcpOut(CAMERA, SERVER, { destinationPort: 8000, payload: text('opaque') }),
      tcpOut(CAMERA, '198.51.100.9', { payload: tlsHello('\u001b[33mhello.example') }),
    ]
    const file = write(
      'hostile.pcap',
      pcapFile(
        {},
        bytes.map((frame, index) => ({ seconds: index, bytes: frame })),
      ),
    )
    const { status, stdout } = run(['analyze', file])
    expect(status).toBe(0)
    expect(stdout).toContain('spoof')
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    // JSON escapes control characters by itself and gives the rest as it stood on the wire.
    expect(run(['analyze', file, '--json']).stdout.trimEnd()).not.toMatch(/[\u0000-\u001f]/)
  })
})

/** The paths of all keys of a value; entries of arrays are alike, keys of records that hold names are not shape. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => shapeOf(entry, `${path}[]`))
  if (typeof value !== 'object' || value === null) return [path]
  if (/(Names|Hosts|Hostnames|coverage\.by)$/.test(path)) return [path]
  return Object.entries(value).flatMap(([key, entry]) => shapeOf(entry, path === '' ? key : `${path}.${key}`))
}

test('the JSON has exactly the keys that analysis.ts lists', () => {
  const fields = (path: string, names: string): string[] => names.split(' ').map((name) => `${path}${name}`)
  const traffic = 'sent received sentLocal receivedLocal'
  const cut = analyze(write('shape.pcap', capture.subarray(0, capture.length - 1)))
  // Reasons and labels may be empty lists, which have no shape.
  const shape = new Set(shapeOf(cut).map((path) => path.replace(/\.(why|labels)\[\]$/, '.$1')))
  for (const device of cut.devices)
    expect([Array.isArray(device.why), device.endpoints.every(({ labels }) => Array.isArray(labels))]).toEqual([
      true,
      true,
    ])
  expect([...shape].filter((path) => !/\.(why|labels)$/.test(path)).sort()).toEqual(
    [
      'schema',
      ...['owner', 'name', 'sent', 'received', 'companies[]'].map((key) => `owners[].${key}`),
      ...fields('capture.', 'file format packets frameBytes ipPackets ipBytes first last'),
      'capture.linkTypes[]',
      ...fields('capture.problems[].', 'packet offset message'),
      ...fields('devices[].', `id mac name vendor kind confidence privateMac ${traffic}`),
      'devices[].addresses[]',
      ...fields('devices[].byAddress[].', `address ${traffic}`),
      ...fields(
        'devices[].endpoints[].',
        'host company purpose country network service namedBy ech sent received packets first last',
      ),
      'devices[].endpoints[].addresses[]',
      ...fields('coverage.', 'share attributed likely by bytes.internet bytes.local'),
      ...fields('observed.', 'tlsServerNames quicServerNames httpHosts dhcpHostnames mdnsNames').filter(
        (path) => !path.endsWith('mdnsNames'),
      ),
      ...fields('observed.dnsQueries[].', 'client name type count'),
    ].sort(),
  )
  expect(Object.keys(cut.observed).sort()).toEqual([
    'dhcpHostnames',
    'dnsQueries',
    'httpHosts',
    'mdnsNames',
    'quicServerNames',
    'tlsServerNames',
  ])
})

describe("the owner's own table of networks", () => {
  const silent = pcapFile({}, [{ seconds: 1_767_600_000, bytes: tcpOut(CAMERA, SERVER) }])
  const network = (table: string): (string | null)[] => {
    write('networks.csv', Buffer.from(table))
    write('silent.pcap', silent)
    return analyze('silent.pcap', '--networks', 'networks.csv').devices.flatMap((device) =>
      device.endpoints.map((endpoint) => endpoint.network),
    )
  }

  test('names the network of an address that nothing else names', () => {
    expect(network(`${SERVER},${SERVER},64500,Example Networks\n`)).toEqual(["Example Networks' network"])
  })

  test('with a line that is none is refused with the line', () => {
    write('bad.csv', Buffer.from(`${SERVER},${SERVER},64500,Example\nnonsense\n`))
    expectRefusal(
      run(['analyze', 'capture.pcap', '--networks', join(folder, 'bad.csv')]),
      /Line 2 of the network table/,
    )
  })

  test('that is not there is refused by name', () => {
    expectRefusal(run(['analyze', 'capture.pcap', '--networks', 'missing.csv']), 'missing.csv')
  })
})
