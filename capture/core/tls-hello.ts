// TLS ClientHellos: server name, protocols and whether the name is encrypted (ECH).

/** The server name of the hello that was read last; 0 where there is none. */
export let serverNameAt: usize = 0
export let serverNameEnd: usize = 0
/** Whether it offered an encrypted ClientHello. */
export let hasEncryptedHello: bool = false

/** As readClientHelloMessage of capture/wire/tls-hello.ts: the handshake message in [at, end) without records around it. */
export function readClientHelloMessage(at: usize, end: usize): i32 {
  return unreachable()
}
