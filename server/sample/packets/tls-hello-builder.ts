// TLS ClientHello messages with given fields. Written from RFC 8446 on its own, sharing nothing with the decoder.

/** What goes into the ClientHello. Everything but the 32 random bytes may be left out. */
export interface ClientHelloOptions {
  /** host_name of the server_name extension (RFC 6066 3); no extension when absent. */
  serverName?: string
  /** Protocol names of the ALPN extension (RFC 7301), in order; no extension when absent. */
  alpn?: readonly string[]
  /** Length of the one key share: 32 is X25519, 1216 is X25519MLKEM768. Default 32. */
  keyShareBytes?: number
  /** Add an encrypted_client_hello extension of type outer (RFC 9849). */
  ech?: boolean
  /** 32 bytes; also the seed of session id, key share and ECH payload. */
  random: Uint8Array
  /** Length of the session id, 0 to 32. Default 32; QUIC wants 0. */
  sessionIdBytes?: number
  /** The quic_transport_parameters value (RFC 9001 8.2); no extension when absent. */
  quicTransportParameters?: Uint8Array
  /** Further extensions, put before server_name. */
  extensionsBefore?: readonly (readonly [type: number, data: Uint8Array])[]
  /** Further extensions, put after all others. */
  extensionsAfter?: readonly (readonly [type: number, data: Uint8Array])[]
}

const X25519 = 0x001d
const X25519_MLKEM768 = 0x11ec

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

/** Big-endian unsigned integer of `size` bytes. */
export function uint(value: number, size: 1 | 2 | 3 | 4): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Math.floor(value / 2 ** (8 * (size - 1 - index))) & 0xff)
}

/** A vector of RFC 8446 3.4: its length in `size` bytes, then its content. */
export function vector(size: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts)
  return concatBytes(uint(content.length, size), content)
}

/** `length` bytes that depend on the seed only (not random in any serious sense). */
export function fillerBytes(length: number, seed: Uint8Array): Uint8Array {
  let state = seed.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, length | 0)
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state >>> 24
  })
}

function extension(type: number, ...data: readonly Uint8Array[]): Uint8Array {
  return concatBytes(uint(type, 2), vector(2, ...data))
}

/** The data of a server_name extension: entries of [name type, name]. */
export function serverNameList(...entries: readonly (readonly [type: number, name: string])[]): Uint8Array {
  return vector(2, ...entries.map(([type, name]) => concatBytes(uint(type, 1), vector(2, latin1Bytes(name)))))
}

/** ECHClientHello of type outer (RFC 9849 5): cipher suite, config id, enc, payload. */
export function outerEncryptedClientHello(seed: Uint8Array): Uint8Array {
  return concatBytes(
    uint(0, 1),
    uint(0x0001, 2),
    uint(0x0001, 2),
    uint(seed[0] ?? 0, 1),
    vector(2, fillerBytes(32, seed)),
    vector(2, fillerBytes(208, seed)),
  )
}

/** A ClientHello handshake message (type, 24-bit length, body) without record layer, as in a QUIC CRYPTO stream. */
export function buildClientHello(options: ClientHelloOptions): Uint8Array {
  const { serverName, alpn, random } = options
  if (random.length !== 32) throw new Error(`random holds 32 bytes, not ${random.length}`)
  const keyShareBytes = options.keyShareBytes ?? 32
  const group = keyShareBytes === 32 ? X25519 : X25519_MLKEM768
  const extensions: Uint8Array[] = []
  for (const [type, data] of options.extensionsBefore ?? []) extensions.push(extension(type, data))
  if (serverName !== undefined) extensions.push(extension(0, serverNameList([0, serverName])))
  extensions.push(extension(10, vector(2, uint(group, 2), uint(0x0017, 2))))
  if (alpn) extensions.push(extension(16, vector(2, ...alpn.map((name) => vector(1, latin1Bytes(name))))))
  extensions.push(extension(13, vector(2, uint(0x0403, 2), uint(0x0804, 2), uint(0x0401, 2))))
  extensions.push(extension(43, vector(1, uint(0x0304, 2))))
  extensions.push(extension(45, vector(1, uint(1, 1))))
  extensions.push(extension(51, vector(2, uint(group, 2), vector(2, fillerBytes(keyShareBytes, random)))))
  if (options.quicTransportParameters) extensions.push(extension(57, options.quicTransportParameters))
  if (options.ech) extensions.push(extension(0xfe0d, outerEncryptedClientHello(random)))
  for (const [type, data] of options.extensionsAfter ?? []) extensions.push(extension(type, data))
  const body = concatBytes(
    uint(0x0303, 2),
    random,
    vector(1, fillerBytes(options.sessionIdBytes ?? 32, random)),
    vector(2, uint(0x1301, 2), uint(0x1302, 2), uint(0x1303, 2)),
    vector(1, uint(0, 1)),
    vector(2, ...extensions),
  )
  return concatBytes(uint(1, 1), vector(3, body))
}

/** Handshake bytes in TLS records (RFC 8446 5.1) of at most `maxFragment` bytes each, 16384 when left out. */
export function wrapTlsRecords(handshake: Uint8Array, maxFragment = 16_384): Uint8Array {
  const records: Uint8Array[] = []
  for (let at = 0; at < handshake.length; at += maxFragment) {
    records.push(concatBytes(uint(22, 1), uint(0x0301, 2), vector(2, handshake.subarray(at, at + maxFragment))))
  }
  return concatBytes(...records)
}
