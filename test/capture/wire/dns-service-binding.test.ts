// Hints and ECH keys of HTTPS and SVCB records are found; damaged records are refused.
import { describe, expect, test } from 'vitest'
import {
  readEchPublicName,
  readServiceBinding,
  ServiceBinding,
  Span,
} from '../../../capture/wire/dns-service-binding.ts'
import { damagedCopies, embed, prefixesOf } from '../../support/damage.ts'
import { hexOf } from '../../support/bytes.ts'
import { inCore } from '../../support/in-core.ts'
import { hex, text, concat } from '../../../server/sample/packets/bytes.ts'
import { httpsRecord } from '../../../server/sample/packets/dns-builder.ts'

interface Hints {
  priority: number
  targetAt: number
  ipv4: string | null
  ipv6: string | null
  ech: string | null
}

const binding = new ServiceBinding()

function read(data: Uint8Array, guard = 0xa5): Hints | null {
  const { bytes, at, end } = inCore(embed(data, guard))
  if (!readServiceBinding(bytes, at, end, binding)) return null
  const part = (from: number, to: number): string | null => (from < 0 ? null : hexOf(bytes.subarray(from, to)))
  return {
    priority: binding.priority,
    targetAt: binding.targetAt - at,
    ipv4: part(binding.ipv4At, binding.ipv4End),
    ipv6: part(binding.ipv6At, binding.ipv6End),
    ech: part(binding.echAt, binding.echEnd),
  }
}

describe('a service binding', () => {
  test('of Cloudflare gives its hints and keys', () => {
    const data = hex(
      '0001 00  0001 0003 02 6832  0004 0008 cb007109 cb00710a  0005 0004 0002 abcd  0006 0010 20010db8000000000000000000000009',
    )
    expect(read(data)).toEqual({
      priority: 1,
      targetAt: 2,
      ipv4: 'cb007109cb00710a',
      ipv6: '20010db8000000000000000000000009',
      ech: '0002abcd',
    })
  })

  test('in alias mode gives its target alone', () => {
    expect(read(httpsRecord('a.example', 0, 'pool.example').data)).toEqual({
      priority: 0,
      targetAt: 2,
      ipv4: null,
      ipv6: null,
      ech: null,
    })
  })

  test('without parameters gives its priority', () => {
    expect(read(hex('ffff 00'))).toEqual({ priority: 65_535, targetAt: 2, ipv4: null, ipv6: null, ech: null })
  })

  test('keeps only whole addresses of a hint', () => {
    expect(
      read(hex('0001 00  0004 0007 cb007109 cb0071  0006 0011 20010db8000000000000000000000009 20')),
    ).toMatchObject({ ipv4: 'cb007109', ipv6: '20010db8000000000000000000000009' })
    expect(read(hex('0001 00  0004 0003 cb0071  0006 0000'))).toMatchObject({ ipv4: '', ipv6: '' })
  })

  test('passes over keys of others', () => {
    expect(read(hex('0001 00  0000 0002 0001  0003 0002 20fb  ff00 0001 aa  0004 0004 cb007109'))).toMatchObject({
      ipv4: 'cb007109',
    })
  })

  test('leaves nothing of the one before', () => {
    read(hex('0001 00  0004 0004 cb007109'))
    expect(read(hex('0001 00'))).toMatchObject({ ipv4: null })
  })

  test.each([
    ['nothing', ''],
    ['a priority alone', '0001'],
    ['a target that does not end', '0001 03 6162'],
    ['a parameter longer than the record', '0001 00  0004 0008 cb007109'],
    ['a parameter cut in its head', '0001 00  0004 00'],
    ['a byte too many', '0001 00  0004 0004 cb007109 00'],
    ['more than 32 parameters', `0001 00 ${'ff00 0000 '.repeat(33)}`],
  ])('is refused: %s', (_, data) => {
    expect(read(hex(data))).toBeNull()
  })

  test('may have 32 parameters', () => {
    expect(read(hex(`0001 00 ${'ff00 0000 '.repeat(32)}`))).not.toBeNull()
  })

  test('is not known to be whole before its last byte, and is read from its own bytes alone', () => {
    const whole = httpsRecord('a', 1, 'svc.example', {
      alpn: ['h2'],
      port: 443,
      ipv4Hints: ['203.0.113.9'],
      ech: hex('0002abcd'),
      ipv6Hints: ['2001:db8::9'],
    }).data
    const found = prefixesOf(whole).filter((prefix) => read(prefix) !== null)
    // Behind the target and behind each of its five parameters: 15, 22, 28, 36, 44 and 64 bytes.
    expect(found.map((prefix) => prefix.length)).toEqual([15, 22, 28, 36, 44, 64])
    for (const bytes of damagedCopies([whole], 2000, 93)) expect(read(bytes, 0)).toEqual(read(bytes, 0xff))
  })
})

describe('the public name of an ECHConfigList', () => {
  const KEY = '59 0020 0020 ' + '07'.repeat(32) + ' 0004 0001 0001'
  const NAME = '00 12 66726f6e742e6578616d706c652e74657374 0000'
  const CONFIG = hex(`fe0d 0041 ${KEY} ${NAME}`)
  const list = (...configs: Uint8Array[]): Uint8Array => {
    const body = concat(...configs)
    return concat(Uint8Array.of(body.length >> 8, body.length), body)
  }
  const name = new Span()

  function readName(data: Uint8Array, guard = 0xa5): string | null {
    const { bytes, at, end } = inCore(embed(data, guard))
    return readEchPublicName(bytes, at, end, name)
      ? Buffer.from(bytes.subarray(name.at, name.end)).toString('latin1')
      : null
  }

  test('is found', () => {
    expect(readName(list(CONFIG))).toBe('front.example.test')
  })

  test('is found behind configurations of versions nobody knows', () => {
    expect(readName(list(hex('fe0c 0003 010203'), hex('0000 0000'), CONFIG))).toBe('front.example.test')
  })

  test('is looked for in eight configurations', () => {
    const others = (count: number): Uint8Array[] => Array.from({ length: count }, () => hex('fe0c 0000'))
    expect(readName(list(...others(7), CONFIG))).toBe('front.example.test')
    expect(readName(list(...others(8), CONFIG))).toBeNull()
  })

  test.each([
    ['nothing', hex('')],
    ['an empty list', hex('0000')],
    ['a configuration longer than the list', list(hex('fe0d 00ff'), text('too short'))],
    ['a configuration without a key', list(hex('fe0d 0003 590020'))],
    ['a key longer than its configuration', list(hex('fe0d 0006 59 0020 ffff 07'))],
    ['cipher suites longer than their configuration', list(hex('fe0d 0008 59 0020 0001 07 ffff'))],
    ['no name', list(hex('fe0d 000a 59 0020 0001 07 0000 00 00'))],
    ['a name longer than its configuration', list(hex('fe0d 000c 59 0020 0001 07 0000 00 03 6162'))],
    ['nothing behind the cipher suites', list(hex('fe0d 0008 59 0020 0001 07 0000'))],
  ])('is not found in %s', (_, data) => {
    expect(readName(data)).toBeNull()
  })

  test('is read from the list alone', () => {
    for (const bytes of damagedCopies([list(CONFIG), list(hex('fe0c 0003 010203'), CONFIG)], 2000, 94))
      expect(readName(bytes, 0)).toBe(readName(bytes, 0xff))
  })
})
