// The host of an HTTP request head is found, in pieces too; other bytes are refused early.
import { describe, expect, test } from 'vitest'
import {
  emptyHttpRequest,
  HEAD_MAX_BYTES,
  hostWithoutPort,
  type HttpRequest,
  NEED_MORE,
  NOT_HTTP,
  readHttpRequest,
  startsLikeHttpRequest,
} from '../../support/wire/http.ts'
import { damagedCopies, embed, prefixesOf } from '../../support/damage.ts'
import { hex, text, concat } from '../../../server/sample/packets/bytes.ts'

interface Reading {
  result: number
  host: string | null
  userAgent: string | null
  targetHost: string | null
  isConnect: boolean
}

function read(head: string | Uint8Array): Reading {
  const bytes = typeof head === 'string' ? text(head) : head
  const out = emptyHttpRequest()
  const result = readHttpRequest(bytes, 0, bytes.length, out)
  const part = (at: number, end: number): string | null =>
    at < 0 ? null : Buffer.from(bytes.subarray(at, end)).toString('latin1')
  return {
    result,
    host: part(out.hostAt, out.hostEnd),
    userAgent: part(out.userAgentAt, out.userAgentEnd),
    targetHost: part(out.targetHostAt, out.targetHostEnd),
    isConnect: out.isConnect,
  }
}

const GET = 'GET /update?v=1 HTTP/1.1\r\nHost: fw.example.com\r\nUser-Agent: lamp/1.0 (esp32)\r\nAccept: */*\r\n\r\n'
const PROXIED = 'GET http://user:secret@example.org:8080/a HTTP/1.0\r\nHost: other.example\r\n\r\n'
const CONNECT = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n'
const FOLDED = 'POST /a HTTP/1.1\nHOST:\n\t h.example \nuser-agent: lamp\n  (Host: no)\n\n'
const WHOLE = [GET, PROXIED, CONNECT, FOLDED]

describe('readHttpRequest', () => {
  test('finds host and user agent and gives the length of the head', () => {
    expect(read(`${GET}body`)).toEqual({
      result: GET.length,
      host: 'fw.example.com',
      userAgent: 'lamp/1.0 (esp32)',
      targetHost: null,
      isConnect: false,
    })
  })

  test('counts from the given start', () => {
    const bytes = text(`xx${GET}`)
    const out = emptyHttpRequest()
    expect(readHttpRequest(bytes, 2, bytes.length, out)).toBe(GET.length)
    expect([out.methodEnd, out.hostAt]).toEqual([5, bytes.indexOf(0x66, 20)])
  })

  test('asks for more at every prefix of a valid head, and keeps a Host whose line is complete', () => {
    for (const whole of WHOLE) {
      const full = read(whole)
      expect(full.result).toBe(whole.length)
      for (const prefix of prefixesOf(text(whole)).slice(0, -1)) {
        const { result, host } = read(prefix)
        expect(result).toBe(NEED_MORE)
        expect([null, full.host]).toContain(host)
      }
    }
    expect(read(GET.slice(0, GET.indexOf('User-Agent'))).host).toBe('fw.example.com')
    expect(read(GET.slice(0, GET.indexOf('\r\nUser-Agent'))).host).toBeNull()
  })

  test('takes the authority of an absolute target without its user information', () => {
    expect(read(PROXIED)).toMatchObject({ targetHost: 'example.org:8080', host: 'other.example' })
  })

  test.each([
    ['ends at a query', 'http://example.org?a=/', 'example.org'],
    ['ends with the target', 'HTTP://example.org', 'example.org'],
    ['may be an IPv6 literal', 'http://[2001:db8::1]:80/', '[2001:db8::1]:80'],
    ['is absent in a path that holds an address', '/go?u=http://example.org/', null],
    ['is absent where it is empty', 'http:///a', null],
    ['is absent in an asterisk', '*', null],
    ['is absent in a scheme that starts with a digit', '1http://example.org/', null],
  ])('the target authority %s', (_, target, expected) => {
    expect(read(`GET ${target} HTTP/1.1\r\n\r\n`).targetHost).toBe(expected)
  })

  test('takes the authority of CONNECT', () => {
    expect(read(CONNECT)).toMatchObject({ isConnect: true, targetHost: 'example.com:443' })
  })

  test('takes line ends without a carriage return, folded lines and names in any case', () => {
    expect(read(FOLDED)).toMatchObject({ host: 'h.example', userAgent: 'lamp\n  (Host: no)', result: FOLDED.length })
  })

  test('lets the first of two Host fields count', () => {
    expect(read('GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n').host).toBe('a.example')
  })

  test('takes an empty Host for absent', () => {
    expect(read('GET / HTTP/1.1\r\nHost: \r\nAccept: a\r\n\r\n').host).toBeNull()
  })

  test('does not take a field whose name only resembles Host', () => {
    expect(read('GET / HTTP/1.1\r\nX-Host: a\r\nHost : b\r\nHosts: c\r\n Host: d\r\nno colon\r\n\r\n').host).toBeNull()
  })

  test('does not take what stands in the body for a field', () => {
    expect(read('POST / HTTP/1.1\r\n\r\nHost: a.example\r\n\r\n')).toMatchObject({ result: 19, host: null })
  })

  test.each([
    ['a response', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a request of RTSP', 'OPTIONS rtsp://192.0.2.1/ RTSP/1.0\r\nCSeq: 1\r\n\r\n'],
    ['a request of SIP', 'INVITE sip:a@example.org SIP/2.0\r\n\r\n'],
    ['a greeting of SMTP', 'EHLO mail.example\r\n'],
    ['HTTP/0.9', 'GET /\r\n'],
    ['a method in lower case', 'get / HTTP/1.1\r\n\r\n'],
    ['a method that goes on', 'GETS / HTTP/1.1\r\n\r\n'],
    ['a version that goes on', 'GET / HTTP/1.10\r\n\r\n'],
    ['two spaces before the target', 'GET  / HTTP/1.1\r\n\r\n'],
    ['a control character in the target', 'GET /\x00 HTTP/1.1\r\n\r\n'],
    ['a carriage return without line feed behind the version', 'GET / HTTP/1.1\rX'],
  ])('refuses %s', (_, head) => {
    expect(read(head)).toEqual({ result: NOT_HTTP, host: null, userAgent: null, targetHost: null, isConnect: false })
  })

  test('refuses a TLS record at its first byte', () => {
    expect(read(hex('16')).result).toBe(NOT_HTTP)
  })

  test('takes a head of exactly the longest length and refuses one that is a byte longer', () => {
    const start = 'GET / HTTP/1.1\r\nHost: a.example\r\nCookie: '
    const longest = `${start}${'c'.repeat(HEAD_MAX_BYTES - start.length - 4)}\r\n\r\n`
    expect(read(longest)).toMatchObject({ result: HEAD_MAX_BYTES, host: 'a.example' })
    expect(read(longest.slice(0, -1)).result).toBe(NEED_MORE)
    expect(read(longest.replace('ccc', 'cccc'))).toMatchObject({ result: NOT_HTTP, host: null })
  })

  test('forgets what the request before left in the object', () => {
    const out = emptyHttpRequest()
    const [first, second] = [text(CONNECT), text('GET / HTTP/1.1\r\n\r\n')]
    readHttpRequest(first, 0, first.length, out)
    readHttpRequest(second, 0, second.length, out)
    expect(out).toEqual({ ...emptyHttpRequest(), methodEnd: 3 })
  })

  test('survives damaged heads, gives only offsets inside them and reads only the bytes it was given', () => {
    for (const bytes of damagedCopies(WHOLE.map(text), 2000, 80)) {
      const results = [0x20, 0x0a].map((guard) => {
        const { bytes: buffer, at, end } = embed(bytes, guard)
        const out = emptyHttpRequest()
        const result = readHttpRequest(buffer, at, end, out)
        expect(result).toBeLessThanOrEqual(bytes.length)
        expectInside(out, at, end)
        return { result, ...out, likely: startsLikeHttpRequest(buffer, at, end) }
      })
      expect(results[0]).toEqual(results[1])
      if (results[0].result !== NOT_HTTP) expect(results[0].likely).toBe(true)
    }
  })
})

function expectInside(out: HttpRequest, at: number, end: number): void {
  const ranges = [
    [out.targetHostAt, out.targetHostEnd],
    [out.hostAt, out.hostEnd],
    [out.userAgentAt, out.userAgentEnd],
  ]
  for (const [from, to] of ranges) {
    const isAbsent = from === -1 && to === -1
    expect(isAbsent || (from >= at && to > from && to <= end)).toBe(true)
  }
}

/** RFC 9110 §16.1.1 with the methods of WebDAV, and UPnP. */
const METHODS =
  'GET POST HEAD PUT DELETE OPTIONS CONNECT TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ' +
  'REPORT SEARCH ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT LABEL LINK MERGE MKACTIVITY MKCALENDAR ' +
  'MKREDIRECTREF MKWORKSPACE ORDERPATCH REBIND UNBIND UNCHECKOUT UNLINK UPDATE UPDATEREDIRECTREF ' +
  'VERSION-CONTROL NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH M-POST'

describe('startsLikeHttpRequest', () => {
  test.each(METHODS.split(' '))(
    'knows %s, whole with a space behind it and cut anywhere, and nothing that goes on',
    (method) => {
      for (let end = 0; end <= method.length; end++)
        expect(startsLikeHttpRequest(text(`${method}X`), 0, end)).toBe(true)
      expect(startsLikeHttpRequest(text(`${method} `), 0, method.length + 1)).toBe(true)
      expect(startsLikeHttpRequest(text(`${method}0`), 0, method.length + 1)).toBe(false)
    },
  )

  test.each(['', 'G', 'GE', 'GET', 'GET ', 'POST /a', 'PUT', 'PATC', 'M-SEARCH *', 'SUBSCRIBE /e', 'CONNECT a:443'])(
    'accepts "%s"',
    (start) => {
      expect(startsLikeHttpRequest(text(start), 0, start.length)).toBe(true)
    },
  )

  test.each(['X', 'GT', 'GETX', 'get ', 'HTTP/1.1 200', 'PRI *', ' GET', '\r\nGET', 'GET\t/'])(
    'refuses %j',
    (start) => {
      expect(startsLikeHttpRequest(text(start), 0, start.length)).toBe(false)
    },
  )

  test('refuses bytes that are no ASCII', () => {
    expect(startsLikeHttpRequest(concat(hex('ff'), text('GET ')), 0, 5)).toBe(false)
  })
})

describe('hostWithoutPort', () => {
  test.each([
    ['example.com', 'example.com'],
    ['example.com:8080', 'example.com'],
    ['example.com:', 'example.com'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['[2001:db8::1]:443', '[2001:db8::1]'],
    ['[2001:db8::1]', '[2001:db8::1]'],
    ['[2001:db8::1', '[2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['example.com:http', 'example.com:http'],
    [':80', ''],
    ['', ''],
    ['8080', '8080'],
  ])('makes of "%s" "%s"', (host, expected) => {
    const bytes = text(`:${host}:80`)
    const end = hostWithoutPort(bytes, 1, 1 + host.length)
    expect(Buffer.from(bytes.subarray(1, end)).toString()).toBe(expected)
  })
})
