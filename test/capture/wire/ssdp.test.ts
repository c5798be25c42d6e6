// SSDP messages give what devices announce, and only that.
import { describe, expect, test } from 'vitest'
import { readSsdp, type SsdpMessage } from '../../../capture/wire/ssdp.ts'
import { damagedCopies, embed, prefixesOf } from '../../support/damage.ts'
import { text } from '../../../server/sample/packets/bytes.ts'

function lines(...all: string[]): Uint8Array {
  return text([...all, '', ''].join('\r\n'))
}

function read(bytes: Uint8Array): SsdpMessage {
  const result = readSsdp(bytes, 0, bytes.length)
  if (result === null) throw new Error('not read as SSDP')
  return result
}

const NOTIFY = lines(
  'NOTIFY * HTTP/1.1',
  'HOST: 239.255.255.250:1900',
  'CACHE-CONTROL: max-age=100',
  'LOCATION: http://192.168.1.20:80/description.xml',
  'SERVER: Linux/3.14.0 UPnP/1.0 IpBridge/1.26.0',
  'NTS: ssdp:alive',
  'hue-bridgeid: 001788FFFE000001',
  '01-NLS: 42',
  'BOOTID.UPNP.ORG: 7',
  'NT: upnp:rootdevice',
  'USN: uuid:2f402f80-da50-11e1-9b23-001788000001::upnp:rootdevice',
)
const SEARCH = lines(
  'M-SEARCH * HTTP/1.1',
  'HOST: 239.255.255.250:1900',
  'MAN: "ssdp:discover"',
  'MX: 1',
  'ST: urn:dial-multiscreen-org:service:dial:1',
  'USER-AGENT: Google Chrome/120.0 Linux',
  'CPFN.UPNP.ORG: Kitchen tablet',
)
const RESPONSE = lines(
  'HTTP/1.1 200 OK',
  'EXT:',
  'ST: roku:ecp',
  'USN: uuid:roku:ecp:X0',
  'Location:http://192.168.1.30:8060/',
)

describe('readSsdp', () => {
  test('reads an announcement', () => {
    expect(read(NOTIFY)).toEqual({
      kind: 'notify',
      server: 'Linux/3.14.0 UPnP/1.0 IpBridge/1.26.0',
      searchTarget: null,
      notificationType: 'upnp:rootdevice',
      notificationSubtype: 'ssdp:alive',
      usn: 'uuid:2f402f80-da50-11e1-9b23-001788000001::upnp:rootdevice',
      location: 'http://192.168.1.20:80/description.xml',
      userAgent: null,
      controlPointName: null,
      vendorHeaders: new Map([['hue-bridgeid', '001788FFFE000001']]),
    })
  })

  test('reads a search', () => {
    expect(read(SEARCH)).toMatchObject({
      kind: 'search',
      searchTarget: 'urn:dial-multiscreen-org:service:dial:1',
      userAgent: 'Google Chrome/120.0 Linux',
      controlPointName: 'Kitchen tablet',
      vendorHeaders: new Map(),
    })
  })

  test('reads a response, its header names in any case and without a space', () => {
    expect(read(RESPONSE)).toMatchObject({
      kind: 'response',
      searchTarget: 'roku:ecp',
      usn: 'uuid:roku:ecp:X0',
      location: 'http://192.168.1.30:8060/',
    })
  })

  test.each([
    ['a failed response', 'HTTP/1.1 404 Not Found'],
    ['a status that only begins with 200', 'HTTP/1.1 2000 OK'],
    ['a request of ordinary HTTP', 'GET / HTTP/1.1'],
    ['a notification with a path', 'NOTIFY /event HTTP/1.1'],
    ['an empty line', ''],
  ])('refuses %s', (_, startLine) => {
    const bytes = lines(startLine, 'ST: ssdp:all')
    expect(readSsdp(bytes, 0, bytes.length)).toBeNull()
  })

  test('takes lines that end without a carriage return', () => {
    expect(read(text('M-SEARCH * HTTP/1.1\nST: ssdp:all\n\n')).searchTarget).toBe('ssdp:all')
  })

  test('takes a message without the empty line at the end', () => {
    expect(read(text('M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n')).searchTarget).toBe('ssdp:all')
  })

  test('does not read a last line that may be cut', () => {
    expect(read(text('NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nUSN: uuid:2f402f80')).usn).toBeNull()
  })

  test('does not read what follows the empty line', () => {
    expect(read(text('M-SEARCH * HTTP/1.1\r\n\r\nST: ssdp:all\r\n')).searchTarget).toBeNull()
  })

  test('joins a folded line', () => {
    expect(read(lines('HTTP/1.1 200 OK', 'SERVER:', '  Linux UPnP/1.0')).server).toBe('Linux UPnP/1.0')
  })

  test('lets the first of two equal headers count', () => {
    expect(read(lines('HTTP/1.1 200 OK', 'USN: uuid:1', 'USN: uuid:2', 'X-A: 1', 'x-a: 2'))).toMatchObject({
      usn: 'uuid:1',
      vendorHeaders: new Map([['x-a', '1']]),
    })
  })

  test('gives null for an empty header and skips a line that is none', () => {
    expect(read(lines('HTTP/1.1 200 OK', 'SERVER:', 'no header here', ': nameless', 'ST: a'))).toMatchObject({
      server: null,
      searchTarget: 'a',
      vendorHeaders: new Map(),
    })
  })

  test('keeps a vendor header named after a property of every object', () => {
    expect(read(lines('HTTP/1.1 200 OK', '__proto__: x')).vendorHeaders.get('__proto__')).toBe('x')
  })

  test('keeps eight vendor headers of any number, and no long value whole', () => {
    const many = Array.from({ length: 40 }, (_, index) => `X-${index}: ${'v'.repeat(400)}`)
    const { vendorHeaders } = read(lines('HTTP/1.1 200 OK', ...many))
    expect(vendorHeaders.size).toBe(8)
    expect(vendorHeaders.get('x-0')).toBe('v'.repeat(255))
  })

  test('stops at the cap of header lines', () => {
    const many = Array.from({ length: 100 }, () => 'EXT:')
    expect(read(lines('HTTP/1.1 200 OK', ...many, 'ST: a')).searchTarget).toBeNull()
  })

  test('reads from every prefix only values that the whole holds', () => {
    for (const whole of [NOTIFY, SEARCH, RESPONSE]) {
      const expected = read(whole)
      for (const prefix of prefixesOf(whole)) {
        const result = readSsdp(prefix, 0, prefix.length)
        if (result === null) continue
        for (const [name, value] of Object.entries(result)) {
          if (typeof value === 'string') expect(value).toBe(expected[name as keyof SsdpMessage])
        }
      }
    }
  })

  test('survives damaged messages and reads only the bytes it was given', () => {
    for (const bytes of damagedCopies([NOTIFY, SEARCH, RESPONSE], 2000, 1900)) {
      const [spaces, newlines] = [embed(bytes, 0x20), embed(bytes, 0x0a)]
      expect(readSsdp(spaces.bytes, spaces.at, spaces.end)).toEqual(readSsdp(newlines.bytes, newlines.at, newlines.end))
    }
  })
})
