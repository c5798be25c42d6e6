// Requests to one FRITZ!Box at home, and to no other machine.
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { isHomeAddress } from '../../ip-address.ts'
import type { FritzboxPlace } from './address.ts'
import { FritzboxProblem } from './problem.ts'

/** A box at home answers within milliseconds; one that has just returned is found with the next try. */
const CONNECT_MS = 2000
const ANSWER_MS = 10_000
const LONGEST_ANSWER = 1 << 20

export interface Answer {
  status: number
  /** Where a redirect leads; it is not followed. */
  location: string
  body: string
}

export interface Opened {
  response: IncomingMessage
  socket: Socket
}

export interface FritzboxRequest {
  path: string
  /** Sent as a form by POST; absent: GET. */
  form?: Record<string, string>
  signal?: AbortSignal
  /** The whole answer has to be here within this time; of a stream, its head. */
  timeoutMs?: number
}

export type LookUp = (host: string) => Promise<{ address: string }[]>

const systemLookUp: LookUp = (host) => lookup(host, { all: true })

export class FritzboxClient {
  private readonly place: FritzboxPlace
  private readonly lookUp: LookUp

  constructor(place: FritzboxPlace, lookUp = systemLookUp) {
    this.place = place
    this.lookUp = lookUp
  }

  /** What people call it. */
  get name(): string {
    return this.place.host
  }

  /** Rejects with a FritzboxProblem. */
  async ask({ path, timeoutMs = ANSWER_MS, ...request }: FritzboxRequest): Promise<Answer> {
    const { response, socket } = await this.open(() => path, { ...request, timeoutMs })
    const late = setTimeout(() => socket.destroy(lateError()), timeoutMs)
    try {
      let body = ''
      response.setEncoding('utf8')
      for await (const piece of response) {
        body += piece as string
        if (body.length > LONGEST_ANSWER) throw new Error('its answer has no end')
      }
      return { status: response.statusCode ?? 0, location: response.headers.location ?? '', body }
    } catch (error) {
      throw this.unreachable(error)
    } finally {
      clearTimeout(late)
      socket.destroy()
    }
  }

  /**
   * Sends a request over a connection of its own and resolves with the head of the answer; `path` is asked for once the
   * connection stands. Whoever calls it closes the socket. Rejects with a FritzboxProblem.
   */
  async open(path: (socket: Socket) => string, request: Omit<FritzboxRequest, 'path'>): Promise<Opened> {
    const socket = await this.connect(request.signal)
    try {
      return { response: await this.exchange(socket, { ...request, path: path(socket) }), socket }
    } catch (error) {
      socket.destroy()
      throw this.unreachable(error)
    }
  }

  private exchange(socket: Socket, request: FritzboxRequest): Promise<IncomingMessage> {
    const { path, form, signal, timeoutMs = ANSWER_MS } = request
    const { place } = this
    const body = form === undefined ? '' : new URLSearchParams(form).toString()
    const host = isIP(place.host) === 6 ? `[${place.host}]` : place.host
    const isUsualPort = place.port === (place.isEncrypted ? 443 : 80)
    return new Promise((resolve, reject) => {
      const sent = requestHttp({
        createConnection: () => socket,
        method: form === undefined ? 'GET' : 'POST',
        path,
        ...(signal === undefined ? {} : { signal }),
        headers: {
          host: isUsualPort ? host : `${host}:${place.port}`,
          connection: 'close',
          ...(form === undefined
            ? {}
            : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
        },
      })
      const late = setTimeout(() => socket.destroy(lateError()), timeoutMs)
      sent.once('response', resolve)
      // It may break once it has been answered, too.
      sent.on('error', reject)
      sent.once('response', () => clearTimeout(late))
      sent.once('close', () => clearTimeout(late))
      sent.end(body)
    })
  }

  /** A connection to an address that was looked up, found to be at home, and is the one connected to. */
  private async connect(signal: AbortSignal | undefined): Promise<Socket> {
    const { port, isEncrypted } = this.place
    const address = await this.address()
    const plain = connectPlain({ host: address, port })
    try {
      await ready(plain, 'connect', signal)
      plain.setNoDelay(true)
      plain.setKeepAlive(true, 5000)
      return isEncrypted ? await this.encrypt(plain, signal) : plain
    } catch (error) {
      plain.destroy()
      throw this.unreachable(error)
    }
  }

  private async address(): Promise<string> {
    const { host } = this.place
    if (isIP(host) !== 0) return host
    let found: { address: string }[]
    try {
      found = await this.lookUp(host)
    } catch {
      throw new FritzboxProblem(
        `The name ${host} is not known here. Write the box's address instead, such as 192.168.178.1.`,
      )
    }
    const atHome = found.map(({ address }) => address).filter((address) => isHomeAddress(address))
    // Boxes answer some requests over IPv4 only.
    const chosen = atHome.find((address) => isIP(address) === 4) ?? atHome[0]
    if (chosen === undefined)
      throw new FritzboxProblem(
        `The name ${host} leads to ${found[0]?.address ?? 'no address'}, which is not at home: nothing was sent there. ` +
          "Write the box's address at home instead, such as 192.168.178.1.",
      )
    return chosen
  }

  /** Nothing is sent before the certificate is the named one. */
  private async encrypt(plain: Socket, signal: AbortSignal | undefined): Promise<TLSSocket> {
    const { host, fingerprint } = this.place
    const encrypted = connectTls({
      socket: plain,
      // A box signs its own certificate: who it is shows by the fingerprint alone.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    })
    await ready(encrypted, 'secureConnect', signal)
    const shown = (encrypted.getPeerCertificate().fingerprint256 ?? '').replaceAll(':', '').toLowerCase()
    if (fingerprint !== null && shown === fingerprint) return encrypted
    encrypted.destroy()
    throw new FritzboxProblem(fingerprintSentence(host, fingerprint, shown))
  }

  private unreachable(error: unknown): FritzboxProblem {
    if (error instanceof FritzboxProblem) return error
    const { name, code = '', message } = error as NodeJS.ErrnoException
    if (name === 'AbortError' || name === 'TimeoutError' || code === 'ABORT_ERR')
      return new FritzboxProblem(`${this.name} does not answer. Is it switched on? It is tried again.`)
    if (/^(EPROTO|ERR_SSL|ERR_TLS)/.test(code))
      return new FritzboxProblem(
        `${this.name} does not speak TLS on port ${this.place.port} (${code}). Allow HTTPS on the box, or write http:// in front.`,
      )
    if (code.startsWith('HPE_'))
      return new FritzboxProblem(`What answers at ${this.name} is no FRITZ!Box (${code}). Write the box's address.`)
    return new FritzboxProblem(`${this.name} cannot be reached (${code === '' ? message : code}). It is tried again.`)
  }
}

function fingerprintSentence(host: string, named: string | null, shown: string): string {
  const line = `"https://${host} … sha256=${shown}"`
  if (named === null)
    return (
      `${host} shows a certificate with the SHA-256 fingerprint ${shown}; nothing was sent. Compare it with the one that a ` +
      `browser shows for the box's page, and add it to the source: ${line}.`
    )
  return (
    `${host} shows another certificate than the one that is named: nothing was sent. If the box has a new one (compare it ` +
    `in a browser), write ${line}.`
  )
}

function lateError(): Error {
  return Object.assign(new Error('it is late'), { name: 'TimeoutError' })
}

function ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => finish(lateError()), CONNECT_MS)
    const abort = (): void => finish(Object.assign(new Error('stopped'), { name: 'AbortError' }))
    const finish = (error?: Error): void => {
      clearTimeout(late)
      signal?.removeEventListener('abort', abort)
      if (error === undefined) resolve()
      else reject(error)
    }
    socket.once(event, () => finish())
    // Errors that come later are those of whoever reads from it.
    socket.on('error', finish)
    socket.once('close', () => finish(Object.assign(new Error('it closed'), { code: 'ECONNRESET' })))
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
