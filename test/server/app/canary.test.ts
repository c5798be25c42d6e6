// No payload reaches a file: payloads full of known strings, captured live and replayed.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TrafficStatus, Overview, Replay } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { spoolFolder } from '../../../server/replay/spool.ts'
import { udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, dnsAnswerA, PHONE, ROUTER, SERVER, tcpIn, tcpOut, tlsHello, udpOut } from '../engine/lab.ts'
import { u16, text, concat } from '../../../server/sample/packets/bytes.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'

/** One for each place, so that a find says where it came from. */
const CANARIES = {
  httpBody: 'CANARY-http-body-5d1f0c',
  httpPath: 'CANARY-http-path-77aa10',
  httpCookie: 'CANARY-http-cookie-0b9c21',
  httpAnswer: 'CANARY-http-answer-4410de',
  tlsData: 'CANARY-tls-data-c0ffee',
  txt: 'CANARY-dns-txt-9a8b7c',
  dhcpOption: 'CANARY-dhcp-option-31415a',
  udp: 'CANARY-udp-271828',
  mail: 'CANARY-mail-161803',
  mdnsTxt: 'CANARY-mdns-txt-141421',
}

/** A DHCP request (RFC 2131) with the canary in a vendor's own option and in the relay's. */
function dhcpRequest(): Uint8Array {
  const mac = Uint8Array.from(CAMERA.mac.split(':').map((part) => Number.parseInt(part, 16)))
  const option = (code: number, value: Uint8Array): Uint8Array => concat(Uint8Array.of(code, value.length), value)
  const payload = concat(
    Uint8Array.of(1, 1, 6, 0),
    new Uint8Array(24),
    mac,
    new Uint8Array(10 + 64 + 128),
    Uint8Array.of(0x63, 0x82, 0x53, 0x63),
    option(53, Uint8Array.of(3)),
    option(12, text('hall-camera')),
    option(43, text(CANARIES.dhcpOption)),
    option(82, text(CANARIES.dhcpOption)),
    option(224, text(CANARIES.dhcpOption)),
    Uint8Array.of(255),
  )
  return udpFrame({
    sourceMac: CAMERA.mac,
    destinationMac: 'ff:ff:ff:ff:ff:ff',
    source: '0.0.0.0',
    destination: '255.255.255.255',
    sourcePort: 68,
    destinationPort: 67,
    payload,
  })
}

function txtAnswer(name: string, data: string, multicast: boolean): Uint8Array {
  const payload = dns({
    type: 'response',
    id: 7,
    flags: multicast ? 0x0400 : 0x0180,
    questions: multicast ? [] : [{ name, type: 'TXT' }],
    answers: [{ name, type: 'TXT', ttl: 60, data: [data] }],
  })
  if (multicast)
    return udpFrame({
      sourceMac: CAMERA.mac,
      destinationMac: '01:00:5e:00:00:fb',
      source: CAMERA.address,
      destination: '224.0.0.251',
      sourcePort: 5353,
      destinationPort: 5353,
      payload,
    })
  return udpFrame({
    sourceMac: ROUTER.mac,
    destinationMac: CAMERA.mac,
    source: ROUTER.address,
    destination: CAMERA.address,
    sourcePort: 53,
    destinationPort: 50_000,
    payload,
  })
}

const applicationData = concat(Uint8Array.of(23, 3, 3), u16(CANARIES.tlsData.length), text(CANARIES.tlsData))
const post = text(
  `POST /${CANARIES.httpPath} HTTP/1.1\r\nHost: upload.example.com\r\nCookie: ${CANARIES.httpCookie}\r\nContent-Length: ${CANARIES.httpBody.length}\r\n\r\n${CANARIES.httpBody}`,
)
const answer = text(`HTTP/1.1 200 OK\r\nSet-Cookie: ${CANARIES.httpAnswer}\r\n\r\n<p>${CANARIES.httpAnswer}</p>`)
const FRAMES = [
  arpFrom(CAMERA),
  dhcpRequest(),
  dnsAnswerA(CAMERA, 'api.amazonalexa.com', SERVER),
  txtAnswer('probe.example.com', CANARIES.txt, false),
  txtAnswer('hall._http._tcp.local', CANARIES.mdnsTxt, true),
  tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') }),
  tcpOut(CAMERA, SERVER, { sequence: 4000, payload: applicationData }),
  tcpIn(CAMERA, SERVER, { payload: applicationData }),
  tcpOut(PHONE, '198.51.100.20', { sourcePort: 40_100, destinationPort: 80, payload: post }),
  tcpIn(PHONE, '198.51.100.20', { sourcePort: 80, destinationPort: 40_100, payload: answer }),
  udpOut(PHONE, '198.51.100.21', { destinationPort: 4_711, payload: text(CANARIES.udp) }),
  tcpOut(PHONE, '198.51.100.22', {
    destinationPort: 25,
    payload: text(`MAIL FROM:<${CANARIES.mail}@example.com>\r\n`),
  }),
]

function recordsAt(seconds: number): Uint8Array[] {
  return FRAMES.map((bytes, index) =>
    pcapRecord({ seconds: seconds + Math.floor(index / 4), nanos: (index % 4) * 1000, bytes }),
  )
}

/** Canaries that are in a file under a folder, as text, in UTF-16 or written as hexadecimal. */
function found(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
  return files.flatMap((path) => {
    const bytes = readFileSync(path)
    return Object.entries(CANARIES)
      .filter(([, canary]) =>
        [
          Buffer.from(canary),
          Buffer.from(canary, 'utf16le'),
          Buffer.from(Buffer.from(canary).toString('hex')),
          Buffer.from(Buffer.from(canary).toString('base64').slice(0, -4)),
        ].some((form) => bytes.includes(form)),
      )
      .map(([where]) => `${path}: ${where}`)
  })
}

const folder = mkdtempSync(join(tmpdir(), 'telltale-canary-'))
const captures = join(folder, 'captures')
const stateFolder = join(folder, 'state')
let home: TestHome
beforeAll(async () => {
  mkdirSync(captures)
  writeFileSync(join(captures, 'home-1.pcap'), pcapHeader({}))
  home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
})
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('what was said', () => {
  test('stands in no file of the state folder after it was captured live, and the search would find it', async () => {
    for (const record of recordsAt(Math.floor(Date.now() / 1000) - 1))
      appendFileSync(join(captures, 'home-1.pcap'), record)
    const overview = async (): Promise<Overview> => {
      const { now } = await home.client.get<TrafficStatus>('/api/traffic/live/status')
      return await home.client.get(
        `/api/traffic/live/overview?from=${Math.floor(now) - 3600}&to=${Math.floor(now) + 2}`,
      )
    }
    const shown = await eventually(overview, ({ devices }) =>
      [CAMERA, PHONE].every(({ mac }) => (devices.find(({ id }) => id === mac)?.sent ?? 0) > 0),
    )
    expect(JSON.stringify(shown)).not.toContain('CANARY')
    expect(found(captures).length).toBe(Object.keys(CANARIES).length)
    expect(found(stateFolder)).toEqual([])
    await home.close()
    expect(found(stateFolder)).toEqual([])
    home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
    expect(found(stateFolder)).toEqual([])
  })

  test('stands in no file after a recording was replayed and closed, and in none of the state folder while it is open', async () => {
    const { client } = home
    const { id } = await client.upload<Replay>('canary.pcap', concat(pcapHeader({}), ...recordsAt(1_700_000_000)))
    const facts = (): Promise<Replay> => client.get(`/api/replays/${id}`)
    await eventually(facts, ({ state }) => state === 'ready')
    await client.send('POST', `/api/replays/${id}/control`, { action: 'speed', speed: 'max' })
    await client.send('POST', `/api/replays/${id}/control`, { action: 'play' })
    await eventually(facts, ({ state }) => state === 'ended')
    const { devices } = await client.get<Overview>(`/api/traffic/${id}/overview?from=1699999000&to=1700001000`)
    expect(devices.find(({ id }) => id === PHONE.mac)?.sent).toBeGreaterThan(0)
    const spool = spoolFolder(stateFolder)
    expect(found(spool).length).toBe(Object.keys(CANARIES).length)
    expect(found(stateFolder)).toEqual([])
    await client.send('DELETE', `/api/replays/${id}`)
    expect([...found(spool), ...found(stateFolder)]).toEqual([])
    await home.close()
    expect([...found(spool), ...found(stateFolder)]).toEqual([])
    home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
  })
})
