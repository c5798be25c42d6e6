// A TLS proxy as Caddy and nginx are set up in the README: hands on Host, appends X-Forwarded-For, says https.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'

/** Null where this machine has no openssl. */
export function certificate(): { key: Buffer; cert: Buffer } | null {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const options = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=telltale.example']
  const made = spawnSync('openssl', [...options, '-keyout', key, '-out', cert]).status === 0
  const found = made ? { key: readFileSync(key), cert: readFileSync(cert) } : null
  rmSync(folder, { recursive: true })
  return found
}

function forwarded({ headers, socket }: IncomingMessage): Record<string, string | string[]> {
  const before = headers['x-forwarded-for']
  const address = socket.remoteAddress ?? ''
  return {
    ...(headers as Record<string, string | string[]>),
    'x-forwarded-for': before === undefined ? address : `${String(before)}, ${address}`,
    'x-forwarded-proto': 'https',
  }
}

/** Listens on loopback in front of a service on another port. */
export async function openProxy(pair: { key: Buffer; cert: Buffer }, port: number): Promise<Server & { port: number }> {
  const server = createServer(pair, (request, response) => {
    const onward = httpRequest(
      { host: '127.0.0.1', port, method: request.method, path: request.url, headers: forwarded(request), agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  server.on('upgrade', (request: IncomingMessage, browser: Duplex) => {
    const onward = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [browser, onward],
      [onward, browser],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
    const lines = Object.entries(forwarded(request)).map(([name, value]) => `${name}: ${String(value)}`)
    onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(server, { port: (server.address() as AddressInfo).port })
}
