// The source of FRITZ!Boxes against a stand-in of the published protocol: log-in, interfaces, stream, faults.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { parseFritzboxLine } from '../../../capture/sources/fritzbox/address.ts'
import { planOfArgument } from '../../../capture/sources/sources.ts'
import { certificate } from '../../server/http/tls-proxy.ts'
import { BOX_PASSWORD, FritzboxHome } from '../../support/fritzbox-home.ts'
import { FritzboxStandIn, LAN } from '../../support/fritzbox-stand-in.ts'
import { bytesOf, onEthernet, talk } from '../../support/link-home.ts'

const frames = talk().map(onEthernet)
const total = bytesOf(talk()).sent + bytesOf(talk()).received
const PATIENCE = { timeout: 10_000, interval: 10 }
let home: FritzboxHome | null = null
let others: FritzboxStandIn[] = []

afterEach(async () => {
  await home?.close()
  for (const box of others) await box.close()
  home = null
  others = []
  vi.restoreAllMocks()
})

const status = () => (home as FritzboxHome).source.status()
const problem = (words: string | RegExp): Promise<void> =>
  vi.waitFor(() => expect(status().problem).toMatch(words), PATIENCE)
const streaming = (): Promise<void> => vi.waitFor(() => expect(home?.box.openStreams).toBe(1), PATIENCE)
const counted = (packets: number): Promise<void> => vi.waitFor(() => expect(status().packets).toBe(packets), PATIENCE)
/** Waits of the source go by at once. */
function hasten(): { later: number; looks: () => number } {
  const real = performance.now.bind(performance)
  const clock = { later: 0, looks: () => spy.mock.calls.length }
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => real() + clock.later)
  return clock
}

describe('a capture', () => {
  test.each([
    ['of a box as sold now', { login: 'pbkdf2', page: 'json', isModified: true }],
    ['of a box with an old FRITZ!OS', { login: 'md5', page: 'html', isModified: true }],
    ['in the usual format of pcap', { login: 'pbkdf2', page: 'json', isModified: false }],
    ['of a box whose page cannot be read', { login: 'pbkdf2', page: 'none', isModified: true }],
  ] as const)('%s counts as one of this machine', async (_, options) => {
    home = await FritzboxHome.open(options)
    await streaming()
    home.box.send(frames)
    await counted(frames.length)
    expect(status()).toMatchObject({ state: 'running', problem: null, dropped: 0 })
    expect(home.box.starts).toEqual([{ id: '1-lan', filter: null, snaplen: '1600' }])
    expect(home.internetBytes()).toBe(total)
  })

  test('is ended on the box and logged out when the source stops', async () => {
    home = await FritzboxHome.open()
    await streaming()
    await home.source.stop()
    expect(home.box).toMatchObject({ stops: ['1-lan'], logOuts: 1, openSessions: 0 })
    expect(status().state).toBe('off')
  })

  test('logs in as the user whom the box proposes where none is named', async () => {
    home = await FritzboxHome.open({ proposed: 'fritz1234' }, { line: (port) => `127.0.0.1:${port}` })
    await streaming()
    expect(home.box).toMatchObject({ logIns: 1, refusals: 0 })
  })

  test('of another interface is chosen by its name on the page', async () => {
    const interfaces = [
      LAN,
      { id: '2-1', label: '1. Internetverbindung' },
      { id: '4-133', label: 'AP (2.4 GHz, ath0)' },
    ]
    home = await FritzboxHome.open({ interfaces }, { line: (port) => `anna@127.0.0.1:${port}/ath0` })
    await streaming()
    expect(home.box.starts).toMatchObject([{ id: '4-133' }])
  })

  test('of an interface that the box does not have begins nowhere, and the sentence lists those that it has', async () => {
    const interfaces = [LAN, { id: '2-1', label: '1. Internetverbindung' }]
    home = await FritzboxHome.open({ interfaces }, { line: (port) => `anna@127.0.0.1:${port} wan` })
    await problem(/no interface wan.*1-lan, 2-1 \(1\. Internetverbindung\)/)
    expect(home.box.starts).toEqual([])
  })
})

describe('a password', () => {
  test('that is missing asks nothing of the box', async () => {
    home = await FritzboxHome.open({}, { password: '' })
    await problem('password for 127.0.0.1 is missing')
    expect(home.box.requests).toEqual([])
  })

  test('that is refused is not tried again within minutes, and once after them', async () => {
    const clock = hasten()
    home = await FritzboxHome.open({}, { password: 'wrong' })
    await problem(/does not accept the password of its user anna.*10 minutes/)
    expect(home.box).toMatchObject({ logIns: 1, refusals: 1, openSessions: 0 })
    const asked = home.box.requests.length
    clock.later = 590_000
    const before = clock.looks()
    await vi.waitFor(() => expect(clock.looks()).toBeGreaterThan(before + 2), PATIENCE)
    expect(home.box.requests.length).toBe(asked)
    clock.later = 610_000
    await problem(/tried again only in 1 h/)
    expect(home.box).toMatchObject({ logIns: 2, refusals: 2 })
  })

  test('is not tried while the box takes none, and then at once', async () => {
    const box = await FritzboxStandIn.open({ password: BOX_PASSWORD })
    others.push(box)
    box.blockFor(1)
    home = await FritzboxHome.open({}, { line: () => `anna@127.0.0.1:${box.port}` })
    await problem(/takes no log-ins for another 1 s/)
    expect(box.logIns).toBe(0)
    await vi.waitFor(() => expect(box.openStreams).toBe(1), PATIENCE)
    expect(box).toMatchObject({ logIns: 1, refusals: 0 })
  })

  test('of a user without the right to change settings is said to need it, and the session is ended', async () => {
    home = await FritzboxHome.open({ access: 1 })
    await problem(/user anna may not capture.*"FRITZ!Box Settings"/)
    expect(home.box).toMatchObject({ starts: [], openSessions: 0, logIns: 1 })
  })
})

describe('what is sent', () => {
  test('goes to no address on the internet, whatever the name leads to', async () => {
    const lookUp = async () => [{ address: '203.0.114.7' }, { address: '2606:2800:220:1::1' }]
    home = await FritzboxHome.open({}, { line: (port) => `anna@fritz.box:${port}`, lookUp })
    await problem(/leads to 203\.0\.114\.7, which is not at home: nothing was sent/)
    expect(home.box.requests).toEqual([])
  })

  test('goes to the address at home where a name has others as well', async () => {
    const lookUp = async () => [{ address: '2606:2800:220:1::1' }, { address: '127.0.0.1' }]
    home = await FritzboxHome.open({}, { line: (port) => `anna@fritz.box:${port}`, lookUp })
    await streaming()
  })

  test('does not follow the box to another place', async () => {
    const other = await FritzboxStandIn.open({ password: BOX_PASSWORD })
    others.push(other)
    const box = await FritzboxStandIn.open({ password: BOX_PASSWORD })
    others.push(box)
    box.answerStart = { status: 303, location: `http://127.0.0.1:${other.port}/` }
    home = await FritzboxHome.open({}, { line: () => `anna@127.0.0.1:${box.port}` })
    await problem('sends Telltale elsewhere')
    expect(other.requests).toEqual([])
  })
})

describe('a box that answers a start with something else', () => {
  test.each([
    [
      'a page',
      { status: 200, body: '<!DOCTYPE html><html><body>FRITZ!Box</body></html>' },
      'a page instead of a capture',
    ],
    ['nothing', { status: 200, body: '' }, 'its answer was empty'],
    ['that it is not allowed', { status: 403 }, '"FRITZ!Box Settings"'],
    ['that there is none', { status: 404 }, 'does not offer it'],
    ['a question for a second factor', { status: 200, body: '{"data":{"twofactor":"button"}}' }, 'to be confirmed'],
  ])('(%s) is said with what to do', async (_, answer, words) => {
    const box = await FritzboxStandIn.open({ password: BOX_PASSWORD })
    others.push(box)
    box.answerStart = answer
    home = await FritzboxHome.open({}, { line: () => `anna@127.0.0.1:${box.port}` })
    await problem(words)
  })

  test('is no box: no log-in is tried', async () => {
    home = await FritzboxHome.open({}, { line: (port) => `anna@127.0.0.1:${port}` })
    await home.box.close()
    const web = await FritzboxStandIn.open({ password: 'x', port: home.box.options.port ?? 0 })
    others.push(web)
    await problem(/cannot be reached|no FRITZ!Box/)
    expect(web.logIns).toBe(0)
  })
})

describe('a stream that ends', () => {
  test('because the box is gone begins again with its return, with a gap, and nothing counts twice', async () => {
    home = await FritzboxHome.open()
    await streaming()
    home.box.send(frames)
    await counted(frames.length)
    const { port } = home.box
    await home.box.close()
    await vi.waitFor(() => expect(status().state).toBe('failed'), PATIENCE)
    expect(home.gaps).toEqual([])
    home.box = await FritzboxStandIn.open({ password: BOX_PASSWORD, port })
    await streaming()
    home.box.send(talk(6).map(onEthernet))
    await counted(2 * frames.length)
    expect(status().state).toBe('running')
    expect(home.gaps).toHaveLength(1)
    const { sent, received } = bytesOf(talk(6))
    expect(home.internetBytes()).toBe(total + sent + received)
  })

  test('is first ended on the box, which may not have noticed', async () => {
    home = await FritzboxHome.open()
    await streaming()
    home.box.send(frames)
    await counted(frames.length)
    home.box.breakStreams()
    await vi.waitFor(() => expect(home?.box.starts).toHaveLength(2), PATIENCE)
    expect(home.box).toMatchObject({ stops: ['1-lan'], logIns: 1 })
    await streaming()
  })

  test('because nobody answers any more is over by the time of the last packet', async () => {
    const clock = hasten()
    home = await FritzboxHome.open()
    await streaming()
    home.box.send(frames)
    await counted(frames.length)
    const lastAt = Date.now() / 1000
    home.box.setMute(true)
    clock.later = 6000
    await vi.waitFor(() => expect(status()).toMatchObject({ state: 'failed' }), PATIENCE)
    home.box.setMute(false)
    await vi.waitFor(() => expect(home?.gaps).toHaveLength(1), PATIENCE)
    expect(home.gaps[0]?.[0]).toBeLessThanOrEqual(lastAt)
  }, 20_000)

  test('because the session was lost is logged in anew, once', async () => {
    const clock = hasten()
    home = await FritzboxHome.open()
    await streaming()
    home.box.send(frames)
    await counted(frames.length)
    home.box.loseSessions()
    clock.later = 6000
    await vi.waitFor(() => expect(home?.box.logIns).toBe(2), PATIENCE)
    await vi.waitFor(() => expect(home?.box.starts).toHaveLength(2), PATIENCE)
    await streaming()
  }, 20_000)
})

describe('the stream itself among what is captured', () => {
  test('is left out, and a box that understands filters is asked to do so', async () => {
    home = await FritzboxHome.open({ feedsBack: true, understandsFilter: true })
    await streaming()
    home.box.send(frames)
    await vi.waitFor(() => expect(home?.box.starts).toHaveLength(2), PATIENCE)
    expect(home.box.starts[1]?.filter).toMatch(
      new RegExp(
        `^not \\(tcp and host 127\\.0\\.0\\.1 and port ${home.box.port} and \\(host 127\\.0\\.0\\.1 or port \\d+\\)\\)$`,
      ),
    )
    await streaming()
    const before = status().packets
    home.box.send(frames)
    await counted(before + frames.length)
    expect(status().problem).toBeNull()
    expect(home.internetBytes()).toBe(2 * total)
  })

  test('is left out here where the box does not do so, and that is said', async () => {
    home = await FritzboxHome.open({ feedsBack: true })
    await streaming()
    home.box.send(frames.slice(0, 1))
    await vi.waitFor(() => expect(home?.box.starts).toHaveLength(2), PATIENCE)
    await streaming()
    const before = status().packets
    home.box.send(frames)
    await counted(before + frames.length)
    await problem(/captures its own stream.*packets of it were left out/)
    expect(home.box.starts).toHaveLength(2)
  })
})

const pair = certificate()
describe.skipIf(pair === null)('over TLS', () => {
  const tls = pair as NonNullable<typeof pair>

  test('nothing is sent to a box whose certificate is not named, and its fingerprint is said', async () => {
    home = await FritzboxHome.open({ tls }, { line: (port) => `https://anna@127.0.0.1:${port} lan` })
    await problem(/certificate with the SHA-256 fingerprint [0-9a-f]{64}; nothing was sent/)
    expect(home.box.requests).toEqual([])
  })

  test('the box with the named certificate is captured on', async () => {
    home = await FritzboxHome.open({ tls }, { line: (port) => `https://anna@127.0.0.1:${port} lan` })
    await problem('fingerprint')
    const [fingerprint] = /[0-9a-f]{64}/.exec(status().problem ?? '') ?? []
    const { box } = home
    others.push(box)
    await home.source.stop()
    home = await FritzboxHome.open({}, { line: () => `https://anna@127.0.0.1:${box.port} lan sha256=${fingerprint}` })
    await vi.waitFor(() => expect(box.openStreams).toBe(1), PATIENCE)
    box.send(frames)
    await counted(frames.length)
    expect(home.internetBytes()).toBe(total)
  })

  test('a box with another certificate is sent nothing', async () => {
    home = await FritzboxHome.open(
      { tls },
      { line: (port) => `https://anna@127.0.0.1:${port} lan sha256=${'ab'.repeat(32)}` },
    )
    await problem(/another certificate than the one that is named: nothing was sent/)
    expect(home.box.requests).toEqual([])
  })
})

describe('the text that names a box', () => {
  test.each([
    ['fritz.box', { host: 'fritz.box', port: 80, user: null, interfaceName: 'lan', isEncrypted: false }],
    ['fritz.box 1-lan', { host: 'fritz.box', interfaceName: '1-lan' }],
    ['anna@192.168.178.1/2-1', { host: '192.168.178.1', user: 'anna', interfaceName: '2-1' }],
    ['anna@example.org@fritz.box lan', { host: 'fritz.box', user: 'anna@example.org' }],
    [`https://fritz.box:8443 lan sha256=${'A0:'.repeat(31)}A0`, { port: 8443, fingerprint: 'a0'.repeat(32) }],
    ['[fd00::1] guest', { host: 'fd00::1', interfaceName: 'guest' }],
  ])('"%s" is read', (line, place) => {
    expect(parseFritzboxLine(line)?.place).toMatchObject(place)
  })

  test.each([
    'anna:secret@fritz.box lan',
    'http://anna:secret@fritz.box',
    '203.0.114.7 lan',
    '192.168.178.300 lan',
    'fritz.box lan wan',
    'fritz.box;reboot',
    'fritz.box lan sha256=abcd',
    `fritz.box lan sha256=${'ab'.repeat(32)}`,
    'fritz.box:99999',
    '',
  ])('"%s" names none', (line) => {
    expect(parseFritzboxLine(line)).toBeNull()
  })

  test('is the same behind --source', () => {
    expect(planOfArgument('fritzbox:anna@fritz.box/2-1')).toMatchObject(parseFritzboxLine('anna@fritz.box 2-1') ?? {})
    expect(planOfArgument('fritzbox:')).toMatchObject(parseFritzboxLine('fritz.box') ?? {})
  })

  test('keeps the user out of what identifies the source', () => {
    expect(parseFritzboxLine('anna@fritz.box')?.id).toBe(parseFritzboxLine('bert@fritz.box lan')?.id)
  })
})
