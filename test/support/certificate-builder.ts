// X.509 certificates of given names, and server flights that show them. Written from RFC 5280 and RFC 5246 on its own.
import { generateKeyPairSync } from 'node:crypto'
import { concat, hex, text, u8 } from '../../server/sample/packets/bytes.ts'
import { uint, vector, wrapTlsRecords } from '../../server/sample/packets/tls-hello-builder.ts'

export interface CertificateOptions {
  commonName?: string
  organisation?: string
  /** dNSName entries; no subjectAltName where absent. */
  dnsNames?: readonly string[]
  /** Bytes of an extension that says nothing, to make it long. */
  padding?: number
}

const UTF8_STRING = 0x0c
const IDENTIFIERS = {
  commonName: '55 04 03',
  organisation: '55 04 0a',
  subjectAltName: '55 1d 11',
  comment: '55 1d 1f',
}
const ALGORITHM = der(0x30, der(0x06, hex('2a 86 48 ce 3d 04 03 02')))
const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' })

/** A value in DER: tag, length, content. */
export function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = concat(...parts)
  const { length } = content
  const size =
    length < 0x80 ? u8(length) : length < 0x100 ? concat(u8(0x81), u8(length)) : concat(u8(0x82), uint(length, 2))
  return concat(u8(tag), size, content)
}

export function buildCertificate(options: CertificateOptions): Uint8Array {
  const { organisation, commonName, dnsNames, padding } = options
  const issuer = der(0x30, attribute(IDENTIFIERS.commonName, 'Issuer of Tests'))
  const attributes: Uint8Array[] = []
  if (organisation !== undefined) attributes.push(attribute(IDENTIFIERS.organisation, organisation))
  if (commonName !== undefined) attributes.push(attribute(IDENTIFIERS.commonName, commonName))
  const extensions: Uint8Array[] = []
  if (padding !== undefined) extensions.push(extension(IDENTIFIERS.comment, new Uint8Array(padding)))
  if (dnsNames !== undefined) {
    // An address among them (type 7) is no host name.
    const names = [...dnsNames.map((name) => der(0x82, text(name))), der(0x87, hex('cb 00 71 05'))]
    extensions.push(extension(IDENTIFIERS.subjectAltName, der(0x30, ...names)))
  }
  const body = der(
    0x30,
    der(0xa0, der(0x02, u8(2))),
    der(0x02, hex('01 02 03')),
    ALGORITHM,
    issuer,
    der(0x30, der(0x17, text('250101000000Z')), der(0x17, text('350101000000Z'))),
    der(0x30, ...attributes),
    KEY,
    ...(extensions.length > 0 ? [der(0xa3, der(0x30, ...extensions))] : []),
  )
  return der(0x30, body, ALGORITHM, der(0x03, hex('00 30 06 02 01 01 02 01 01')))
}

function attribute(identifier: string, value: string): Uint8Array {
  return der(0x31, der(0x30, der(0x06, hex(identifier)), der(UTF8_STRING, text(value))))
}

function extension(identifier: string, content: Uint8Array): Uint8Array {
  return der(0x30, der(0x06, hex(identifier)), der(0x01, hex('ff')), der(0x04, content))
}

/** A ServerHello (RFC 5246 7.4.1.3) without extensions. */
export function buildServerHello(): Uint8Array {
  const body = concat(hex('0303'), new Uint8Array(32).fill(9), hex('00 c02b 00'))
  return concat(u8(2), vector(3, body))
}

/** A Certificate message (RFC 5246 7.4.2) with a chain; the server's own comes first. */
export function buildCertificateMessage(...chain: Uint8Array[]): Uint8Array {
  return concat(u8(11), vector(3, vector(3, ...chain.map((one) => vector(3, one)))))
}

/** ServerHello, Certificate and ServerHelloDone in records of at most `maxFragment` bytes. */
export function serverFlight(options: CertificateOptions, maxFragment?: number): Uint8Array {
  const authority = buildCertificate({ commonName: 'Authority of Tests', padding: 600 })
  const messages = [buildServerHello(), buildCertificateMessage(buildCertificate(options), authority), hex('0e000000')]
  if (maxFragment !== undefined) return wrapTlsRecords(concat(...messages), maxFragment)
  return concat(...messages.map((message) => wrapTlsRecords(message)))
}
